import { decode, encode } from '@ipld/dag-cbor'
import type { Datastore } from 'interface-datastore'
import { Key } from 'interface-datastore/key'
import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { openSiteRecord } from '../site-record.ts'
import type { KnownSite } from './succession.ts'

/** Sites of others whose records are kept in memory and on disk; past it the one not used for longest is forgotten. */
export const MAX_KNOWN_SITES = 5000

/** How much older the time on disk may be than that in memory, in ms: each page that is read would write it else. */
const CONFIRMED_STEP = 60_000

const PREFIX = '/plexnet/site-lookup'

interface Stored {
  readonly bytes: Uint8Array
  readonly confirmed: number
}

/** The newest record that was seen of each site: by it rollbacks are refused and sites are read offline. */
export class KnownSites {
  readonly #datastore: Datastore
  readonly #sites: LRUCache<string, KnownSite>
  /** Addresses of the records on disk. */
  readonly #stored: LRUCache<string, number>
  #written: Promise<void> = Promise.resolve()

  constructor(datastore: Datastore, max: number = MAX_KNOWN_SITES) {
    this.#datastore = datastore
    this.#sites = new LRUCache({ max })
    this.#stored = new LRUCache({
      max,
      dispose: (_, name, reason) => {
        if (reason === 'evict') this.#forget(name)
      }
    })
  }

  async open(): Promise<void> {
    for await (const key of this.#datastore.queryKeys({ prefix: `${PREFIX}/` })) {
      this.#stored.set(key.name(), 0)
    }
  }

  /** What is in memory. */
  recall(address: FullAddress): KnownSite | undefined {
    return this.#sites.get(formatAddress(address))
  }

  async read(address: FullAddress): Promise<KnownSite | undefined> {
    const name = formatAddress(address)
    const recalled = this.#sites.get(name)

    if (recalled != null) return recalled

    const known = await this.#readStored(address, name)
    // A newer one may have come while the disk was read.
    const current = this.#sites.get(name) ?? known

    if (current != null) this.#sites.set(name, current)

    return current
  }

  async keep(known: KnownSite): Promise<void> {
    const { site, confirmed } = known
    const name = formatAddress(site.address)
    const before = this.#sites.get(name)
    const isSame = before?.site.bytes === site.bytes

    this.#sites.set(name, known)
    if (isSame && confirmed - (this.#stored.get(name) ?? 0) < CONFIRMED_STEP) return

    this.#stored.set(name, confirmed)
    await this.#write(async () =>
      this.#datastore.put(keyOf(name), encode({ bytes: site.bytes, confirmed } satisfies Stored))
    )
  }

  async #readStored(address: FullAddress, name: string): Promise<KnownSite | undefined> {
    const key = keyOf(name)

    if (!(await this.#datastore.has(key))) return undefined

    try {
      const { bytes, confirmed } = decode<Stored>(await this.#datastore.get(key))

      // It was valid when it was kept; whether it still is, its reader decides.
      return { site: openSiteRecord(bytes, { address, now: confirmed }), confirmed }
    } catch {
      // Damaged, or kept by a version with other limits: others have it still.
      return undefined
    }
  }

  #forget(name: string): void {
    this.#sites.delete(name)
    void this.#write(async () => this.#datastore.delete(keyOf(name)))
  }

  /** One after the other: an older record must not overtake a newer one on its way to the disk. */
  async #write(act: () => Promise<unknown>): Promise<void> {
    const written = this.#written.then(act).then(() => undefined)

    this.#written = written.catch(() => undefined)
    await this.#written
  }
}

function keyOf(name: string): Key {
  return new Key(`${PREFIX}/${name}`)
}
