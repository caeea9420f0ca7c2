import type { HttpGet } from '../../../../overlay/content/fetch/index.ts'
import type { FullAddress } from '../../../../identity/index.ts'
import { formatLabel } from '../../../../identity/index.ts'
import type { Finder } from '../../exchange/service.ts'
import { fetchFrom } from '../../fetching/service.ts'
import { addVia } from '../../via.ts'
import { sourceFailure } from '../failure.ts'

export interface NodeClientOptions {
  readonly finder: Finder
  readonly pseudonym: string
  /** ms until the first byte of an answer */
  readonly timeout: number
  /** GET where it is not given. */
  readonly method?: 'GET' | 'HEAD'
}

/** How a node is asked, over the connections to it that stand or are made: TLS with its pinned certificate, or libp2p. */
export function nodeGetter(
  address: FullAddress,
  { finder, pseudonym, timeout, method = 'GET' }: NodeClientOptions
): HttpGet {
  const target = { address, label: formatLabel(address) }
  const via = ['Via', addVia(undefined, '1.1', pseudonym)]

  return async (path, headers, signal) => {
    const request = {
      target,
      method,
      path,
      fields: [...Object.entries(headers).flat(), ...via],
      body: undefined,
      timeout
    }

    try {
      return await fetchFrom(finder, request, signal)
    } catch (error) {
      signal.throwIfAborted()

      throw sourceFailure(error)
    }
  }
}
