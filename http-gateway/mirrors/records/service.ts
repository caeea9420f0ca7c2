import type { FullAddress } from '../../../identity/index.ts'
import type { HttpGet } from '../../../overlay/content/fetch/index.ts'
import { siteAddress } from '../../../overlay/content/index.ts'
import { readMirroredRecord } from '../../upstream/sources/publisher-link.ts'
import type { Content } from '../../verified/content.ts'
import type { FoundMirrors } from '../service.ts'

// How long a mirror has for the record, in ms.
const RECORD_TIMEOUT = 3000

/** The DHT as it is asked for site records, and where it has none, the mirrors of the site. */
export function recordsOf(
  network: Content['network'],
  mirrors: Pick<FoundMirrors, 'search' | 'addresses'>,
  getterFor: (address: FullAddress) => HttpGet
): Content['network'] {
  return {
    routingTableSize: () => network.routingTableSize(),
    nearby: async (key, options) => network.nearby(key, options),
    get: async function* (key, options) {
      let count = 0

      for await (const value of network.get(key, options)) {
        count += 1
        yield value
      }

      if (count === 0) {
        yield* fromMirrors(siteAddress(key), mirrors, getterFor)
      }
    }
  }
}

async function* fromMirrors(
  address: FullAddress,
  mirrors: Pick<FoundMirrors, 'search' | 'addresses'>,
  getterFor: (address: FullAddress) => HttpGet
): AsyncGenerator<Uint8Array> {
  await mirrors.search(address)

  for (const mirror of mirrors.addresses(address)) {
    const signal = AbortSignal.timeout(RECORD_TIMEOUT)
    const record = await readMirroredRecord(getterFor(mirror), address, signal).catch(
      () => undefined
    )

    if (record !== undefined) {
      yield record
    }
  }
}
