import { parseEnd, RecordError, type Discovery } from '../discovery/index.ts'
import type { EndJson } from '../http-gateway/index.ts'
import { formatAddress } from '../identity/index.ts'

/**
 * Tells the network of a printed last record.
 *
 * @throws {RecordError}
 */
export async function tellEnd(
  discovery: Pick<Discovery, 'tellEnd'>,
  text: string
): Promise<EndJson> {
  const bytes = parseEnd(text)

  if (bytes == null) {
    throw new RecordError(
      'malformed',
      'There is no last record in it: it begins with -----BEGIN PLEXNET LAST RECORD-----.'
    )
  }

  const { address, end } = await discovery.tellEnd(bytes)

  return {
    address: formatAddress(address),
    successor: end?.kind === 'succeeded' ? formatAddress(end.successor) : undefined
  }
}
