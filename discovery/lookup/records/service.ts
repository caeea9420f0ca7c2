import type { FullAddress } from '../../../identity/index.ts'
import { freshnessOf, type Freshness } from '../../freshness.ts'
import type { RecordNetwork } from '../../network.ts'
import type { VerifiedRecord } from '../../record.ts'
import { answers } from '../../record-key.ts'
import type { DiscoveryStore, KnownRecord } from '../../store.ts'
import { newestInDht, recordNearby } from '../newest/service.ts'
import type { Reach } from '../reach/service.ts'
import { ageOf, type Answer, type Search } from '../resolution.ts'
import { withSignal } from '../with-signal.ts'

/** How many valid records a thorough lookup compares before it takes the newest. */
const THOROUGH_ANSWERS = 3

export interface RecordsOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  readonly reach: Reach
}

/** The record at a full address, which names its key: what is kept, or the DHT's, or what is kept after all. */
export class Records {
  readonly #options: RecordsOptions

  constructor(options: RecordsOptions) {
    this.#options = options
  }

  /** What is in memory and may be used at once, and how fresh that is. */
  inMemory(
    address: FullAddress
  ): { readonly known: KnownRecord; readonly freshness: Freshness } | undefined {
    const known = this.#options.store.recall(address.fp)

    if (known == null || !answers(known.record, address)) return undefined

    const freshness = freshnessOf(known.record, known.learnt, Date.now())

    return isUsableAtOnce(freshness) ? { known, freshness } : undefined
  }

  async find(address: FullAddress, search: Search): Promise<Answer> {
    const { fresh, trail } = search
    const kept = await this.#options.store.record(address.fp)
    const known = kept != null && answers(kept.record, address) ? kept : undefined
    const freshness = known && freshnessOf(known.record, known.learnt, Date.now())

    if (known != null && !fresh && freshness != null && isUsableAtOnce(freshness)) {
      trail.ok('cache', ageOf(known, Date.now()))

      return { ...known, source: 'disk', assurance: 'self-certifying' }
    }

    try {
      return await this.#fromNetwork(address, search)
    } catch (error) {
      if (known == null || freshness === 'dead') throw error

      trail.ok('cache', `used although the network did not answer: ${ageOf(known, Date.now())}`)

      return { ...known, source: 'disk', assurance: 'self-certifying', stale: true }
    }
  }

  async #fromNetwork(address: FullAddress, search: Search): Promise<Answer> {
    const { trail, signal } = search

    this.#options.reach.check(address, search)

    const record = await withSignal(this.#fromDht(address, search), { signal })
    const learnt = Date.now()
    const kept = await this.#options.store.remember({ record, learnt })

    if (kept.record.seq > record.seq && kept.record.expires > learnt) {
      trail.ok('cache', `kept the newer record: ${ageOf(kept, learnt)}`)

      return { ...kept, source: 'disk', assurance: 'self-certifying' }
    }

    return { record, learnt, source: 'dht', assurance: 'self-certifying' }
  }

  async #fromDht(address: FullAddress, search: Search): Promise<VerifiedRecord> {
    const { network, reach, store } = this.#options
    const { fresh, trail, signal } = search
    const nearby = fresh ? undefined : await recordNearby(network, address, signal)

    // A last word is compared with what others have of it.
    if (nearby != null && nearby.end == null) {
      trail.ok('dht', 'answered by a connected peer near the key')
      trail.ok('record', signedBy(nearby))

      return nearby
    }

    const enough = fresh ? THOROUGH_ANSWERS : 1
    const { newest, rival, valid, fault } = await newestInDht(network, address, enough, signal)

    if (newest == null) {
      trail.failed('dht', fault === '' ? 'no peer has a record' : `no usable record: ${fault}`)
      throw reach.missed(address, search)
    }

    if (rival != null) await store.keepRival(rival)
    trail.ok('dht', `${valid} valid ${valid === 1 ? 'answer' : 'answers'}`)
    trail.ok('record', signedBy(newest))

    return newest
  }
}

function isUsableAtOnce(freshness: Freshness): boolean {
  return freshness === 'fresh' || freshness === 'refresh-ahead'
}

function signedBy({ seq }: VerifiedRecord): string {
  return `sequence ${seq}, signed by the key in the address`
}
