import type { AbortOptions } from '@libp2p/interface'
import { formatAddress, type FullAddress, type NodeAddress } from '../../identity/index.ts'
import type { VouchFor } from '../claims.ts'
import { LookupBusyError, LookupTimeoutError, SucceededError } from '../errors.ts'
import type { RecordNetwork } from '../network.ts'
import type { VerifiedRecord } from '../record.ts'
import { answers } from '../record-key.ts'
import type { DiscoveryStore } from '../store.ts'
import { Trail } from '../trail-recorder.ts'
import { BareUuids } from './bare-uuids/service.ts'
import type { Friends } from './friends/service.ts'
import { Heirs } from './heirs/service.ts'
import { Reach } from './reach/service.ts'
import { Records } from './records/service.ts'
import { ageOf, type Answer, type Resolution, type Search } from './resolution.ts'
import { withSignal } from './with-signal.ts'

/** How long a whole lookup may take, in ms. */
export const LOOKUP_TIMEOUT = 10_000

/** Lookups that may be under way at a time; strangers start them through a public gateway. */
const MAX_UNDERWAY = 256

export interface ResolveOptions extends AbortOptions {
  /** Ask the network, whatever is in the cache. */
  readonly fresh?: boolean
}

export interface LookupOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  /** This node's own record, once it has one. */
  readonly self: () => VerifiedRecord | undefined
  /** Who is asked beside the DHT whom a bare UUID means. */
  readonly friends?: Friends
  /** What this node's trust map says of a claim. */
  readonly vouchFor?: VouchFor
  /** Hears of a key that was replaced, as both say, or revoked, each time that it is found. */
  readonly onEnd?: (ended: FullAddress, successor: FullAddress | undefined) => void
  /** Hears of a key that names two successors. */
  readonly onDispute?: (ended: FullAddress, successors: readonly FullAddress[]) => void
  /** How long a whole lookup may take, in ms, from its start. */
  readonly lookupTimeout?: number
  readonly maxLookups?: number
}

/** Finds nodes by their address: cache, then DHT, and stale answers while there is no network (A25). */
export class Lookup {
  readonly #options: LookupOptions
  readonly #records: Records
  readonly #heirs: Heirs
  readonly #bareUuids: BareUuids
  readonly #underway = new Map<string, Promise<Resolution>>()
  readonly #abort = new AbortController()

  constructor(options: LookupOptions) {
    const reach = new Reach(options.network)

    this.#options = options
    this.#records = new Records({ ...options, reach })
    this.#heirs = new Heirs({
      ...options,
      records: this.#records,
      rivalOf: async fp => options.store.rival(fp)
    })
    this.#bareUuids = new BareUuids({
      ...options,
      reach,
      records: this.#records,
      heirs: this.#heirs
    })
  }

  stop(): void {
    this.#abort.abort()
  }

  /**
   * The node behind an address.
   *
   * @throws {NotFoundError} nobody knows it
   * @throws {UnansweredError} somebody claims the bare UUID and cannot be asked
   * @throws {AmbiguousError} several keys claim the bare UUID
   * @throws {OfflineError} there is nobody to ask and nothing in the cache
   * @throws {LookupTimeoutError}
   * @throws {LookupBusyError} as many lookups as may be are under way
   */
  async resolve(address: NodeAddress, options: ResolveOptions = {}): Promise<Resolution> {
    options.signal?.throwIfAborted()

    const cached = options.fresh === true ? undefined : this.#fromMemory(address)

    return cached ?? (await withSignal(this.#share(address, options.fresh === true), options))
  }

  #fromMemory(address: NodeAddress): Resolution | undefined {
    const own = this.#options.self()

    if (own != null && answers(own, address)) {
      return {
        record: own,
        source: 'self',
        assurance: 'self',
        learnt: own.issued,
        stale: false,
        trail: [{ step: 'record', outcome: 'ok', detail: 'this node itself' }]
      }
    }

    const found =
      address.fp == null
        ? undefined
        : this.#records.inMemory({ uuid: address.uuid, fp: address.fp })

    // What has ended leads on.
    if (found == null || found.known.record.end != null) return undefined

    const { known, freshness } = found

    if (freshness === 'refresh-ahead') this.#refresh(address)

    return {
      ...known,
      source: 'memory',
      assurance: 'self-certifying',
      stale: false,
      trail: [{ step: 'cache', outcome: 'ok', detail: ageOf(known, Date.now()) }]
    }
  }

  /** One lookup serves all who ask for the same address at the same time. */
  async #share(address: NodeAddress, fresh: boolean): Promise<Resolution> {
    const name = `${formatAddress(address)}${fresh ? '!' : ''}`
    const underway = this.#underway.get(name)

    if (underway != null) return underway

    const max = this.#options.maxLookups ?? MAX_UNDERWAY

    if (this.#underway.size >= max) throw new LookupBusyError(address, max)

    const lookup = this.#lookUp(address, fresh).finally(() => this.#underway.delete(name))

    this.#underway.set(name, lookup)

    return lookup
  }

  async #lookUp(address: NodeAddress, fresh: boolean): Promise<Resolution> {
    const trail = new Trail(() => performance.now())
    const { lookupTimeout = LOOKUP_TIMEOUT } = this.#options
    const timeout = AbortSignal.timeout(lookupTimeout)
    const search = { fresh, trail, signal: AbortSignal.any([timeout, this.#abort.signal]) }

    try {
      const answer =
        address.fp == null
          ? await this.#bareUuids.find(address, search)
          : await this.#notEnded({ uuid: address.uuid, fp: address.fp }, search)

      return { ...answer, stale: answer.stale ?? false, trail: trail.steps }
    } catch (error) {
      if (timeout.aborted) throw new LookupTimeoutError(address, lookupTimeout, trail.steps)

      throw error
    }
  }

  /** A site keeps its origin: whoever asks for an address whose key was replaced is sent on, and not answered by another. */
  async #notEnded(address: FullAddress, search: Search): Promise<Answer> {
    const answer = await this.#records.find(address, search)

    if (answer.record.end == null) return answer

    const heir = await this.#heirs.of(answer.record, search)

    throw new SucceededError(address, heir.record.address, search.trail.steps)
  }

  #refresh(address: NodeAddress): void {
    this.#share(address, true).catch(() => {
      // The answer in the cache stands until it is outdated; then whoever asks is told.
    })
  }
}
