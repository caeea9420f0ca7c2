import type { AbortOptions } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress, type NodeAddress } from '../../identity/index.ts'
import type { Vouch } from '../../identity/trust/index.ts'
import { judgeClaims, type VouchFor } from '../claims.ts'
import {
  AmbiguousError,
  LookupBusyError,
  LookupTimeoutError,
  NotFoundError,
  OfflineError,
  PinnedKeyError,
  RevokedKeyError,
  SucceededError,
  SuccessionError,
  UnansweredError
} from '../errors.ts'
import { freshnessOf } from '../freshness.ts'
import type { RecordNetwork } from '../network.ts'
import type { VerifiedRecord } from '../record.ts'
import { answers } from '../record-key.ts'
import type { DiscoveryStore, KnownRecord } from '../store.ts'
import { Trail } from '../trail-recorder.ts'
import type { Step } from '../trail.ts'
import { gatherClaims, type Claims } from './claimants/service.ts'
import { askFriends, type Friends } from './friends/service.ts'
import { confirms } from '../succession/end.ts'
import { newestInDht, recordNearby } from './newest/service.ts'
import { withSignal } from './with-signal.ts'

/** How long a whole lookup may take, in ms. */
export const LOOKUP_TIMEOUT = 10_000

/** Lookups that may be under way at a time; strangers start them through a public gateway. */
const MAX_UNDERWAY = 256

/** For how long an address that nobody knew is not asked for again, in ms. */
const UNKNOWN_FOR = 2000
const MAX_UNKNOWN = 1000

/** How many valid records a thorough lookup compares before it takes the newest. */
const THOROUGH_ANSWERS = 3

/** How often a key may have been replaced; a longer way is one to nowhere. */
const MAX_SUCCESSIONS = 8

export type Assurance = 'self' | 'self-certifying' | 'pinned' | 'vouched' | 'only-claim'

/** Who a node is, how that is known, and how it was found out. */
export interface Resolution {
  readonly record: VerifiedRecord
  readonly source: 'self' | 'memory' | 'disk' | 'dht' | 'peer'
  readonly assurance: Assurance
  /** Why the trust map vouches for the key, where that decided. */
  readonly vouch?: Vouch
  /** ms since the epoch */
  readonly learnt: number
  /** The record has expired, or could not be asked for again because the network is away. */
  readonly stale: boolean
  readonly trail: readonly Step[]
}

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
  /** How long a whole lookup may take, in ms, from its start. */
  readonly lookupTimeout?: number
  readonly maxLookups?: number
}

const REASONS = {
  pinned: 'the pinned key',
  vouched: 'vouched for by the trust map',
  'only-claim': 'the only claim there is'
}

interface Answer {
  readonly record: VerifiedRecord
  readonly source: Resolution['source']
  readonly assurance: Assurance
  readonly vouch?: Vouch
  readonly learnt: number
  readonly stale?: boolean
}

/** Finds nodes by their address: cache, then DHT, and stale answers while there is no network (A25). */
export class Lookup {
  readonly #options: LookupOptions
  readonly #underway = new Map<string, Promise<Resolution>>()
  readonly #unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_FOR })
  readonly #abort = new AbortController()

  constructor(options: LookupOptions) {
    this.#options = options
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

    const known = address.fp == null ? undefined : this.#options.store.recall(address.fp)

    if (known == null || !answers(known.record, address)) return undefined
    // What has ended leads on.
    if (known.record.end != null) return undefined

    const now = Date.now()
    const freshness = freshnessOf(known.record, known.learnt, now)

    if (freshness === 'refresh-ahead') this.#refresh(address)
    if (freshness !== 'fresh' && freshness !== 'refresh-ahead') return undefined

    return {
      ...known,
      source: 'memory',
      assurance: 'self-certifying',
      stale: false,
      trail: [{ step: 'cache', outcome: 'ok', detail: ageOf(known, now) }]
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
    const signal = AbortSignal.any([timeout, this.#abort.signal])

    try {
      const answer =
        address.fp == null
          ? await this.#byUuid(address, fresh, trail, signal)
          : await this.#notEnded({ uuid: address.uuid, fp: address.fp }, fresh, trail, signal)

      return { ...answer, stale: answer.stale ?? false, trail: trail.steps }
    } catch (error) {
      if (timeout.aborted) throw new LookupTimeoutError(address, lookupTimeout, trail.steps)

      throw error
    }
  }

  async #byFullAddress(
    address: FullAddress,
    fresh: boolean,
    trail: Trail,
    signal: AbortSignal
  ): Promise<Answer> {
    const known = await this.#options.store.record(address.fp)
    const usable = known != null && answers(known.record, address) ? known : undefined
    const freshness = usable && freshnessOf(usable.record, usable.learnt, Date.now())

    if (usable != null && !fresh && (freshness === 'fresh' || freshness === 'refresh-ahead')) {
      trail.ok('cache', ageOf(usable, Date.now()))

      return { ...usable, source: 'disk', assurance: 'self-certifying' }
    }

    try {
      return await this.#fromNetwork(address, fresh, trail, signal)
    } catch (error) {
      if (usable == null || freshness === 'dead') throw error

      trail.ok('cache', `used although the network did not answer: ${ageOf(usable, Date.now())}`)

      return { ...usable, source: 'disk', assurance: 'self-certifying', stale: true }
    }
  }

  /** A site keeps its origin: whoever asks for an address whose key was replaced is sent on, and not answered by another. */
  async #notEnded(
    address: FullAddress,
    fresh: boolean,
    trail: Trail,
    signal: AbortSignal
  ): Promise<Answer> {
    const answer = await this.#byFullAddress(address, fresh, trail, signal)

    if (answer.record.end == null) return answer

    const heir = await this.#heirOf(answer.record, trail, signal)

    throw new SucceededError(address, heir.record.address, trail.steps)
  }

  /** Who took the place of a key that has ended; each on the way must be named by the one before it, and say so itself. */
  async #heirOf(
    first: VerifiedRecord,
    trail: Trail,
    signal: AbortSignal
  ): Promise<{ readonly record: VerifiedRecord; readonly learnt: number }> {
    const seen = new Set([first.address.fp])

    for (let { end, address } = first; end != null;) {
      if (end.kind === 'revoked') {
        trail.failed('record', `${formatAddress(address)} is revoked by its own key`)
        this.#options.onEnd?.(address, undefined)
        throw new RevokedKeyError(address, trail.steps)
      }

      const { successor } = end

      if (seen.has(successor.fp)) this.#refuse(address, 'was given up itself', trail)
      if (seen.size > MAX_SUCCESSIONS) this.#refuse(address, 'has too many after it', trail)
      seen.add(successor.fp)

      const known =
        this.#fromMemory(successor) ?? (await this.#byFullAddress(successor, false, trail, signal))
      // What is known of it may be from before it took that place.
      const next = confirms(known.record, address)
        ? known
        : await this.#byFullAddress(successor, true, trail, signal)

      if (!confirms(next.record, address)) {
        this.#refuse(address, 'does not confirm it', trail)
      }
      trail.ok('record', `${formatAddress(address)} names its successor, which confirms it`)
      this.#options.onEnd?.(address, successor)
      if (next.record.end == null) return next
      ;({ end, address } = next.record)
    }

    throw new SuccessionError(first.address, 'is nobody', trail.steps)
  }

  #refuse(address: FullAddress, reason: string, trail: Trail): never {
    trail.failed('record', `${formatAddress(address)} names a successor, which ${reason}`)
    throw new SuccessionError(address, reason, trail.steps)
  }

  async #fromNetwork(
    address: FullAddress,
    fresh: boolean,
    trail: Trail,
    signal: AbortSignal
  ): Promise<Answer> {
    this.#mustHavePeers(address, trail)
    this.#mustNotBeUnknown(address, fresh, trail)

    const enough = fresh ? THOROUGH_ANSWERS : 1
    const record = await withSignal(this.#fromDht(address, enough, trail, signal), { signal })
    const learnt = Date.now()
    const kept = await this.#options.store.remember({ record, learnt })

    if (kept.record.seq > record.seq && kept.record.expires > learnt) {
      trail.ok('cache', `kept the newer record: ${ageOf(kept, learnt)}`)

      return { ...kept, source: 'disk', assurance: 'self-certifying' }
    }

    return { record, learnt, source: 'dht', assurance: 'self-certifying' }
  }

  async #fromDht(
    address: FullAddress,
    enough: number,
    trail: Trail,
    signal: AbortSignal
  ): Promise<VerifiedRecord> {
    const { network } = this.#options
    const nearby = enough === 1 ? await recordNearby(network, address, signal) : undefined

    if (nearby != null) {
      trail.ok('dht', 'answered by a connected peer near the key')
      trail.ok('record', `sequence ${nearby.seq}, signed by the key in the address`)

      return nearby
    }

    const { newest, valid, fault } = await newestInDht(network, address, enough, signal)

    if (newest == null) {
      trail.failed('dht', fault === '' ? 'no peer has a record' : `no usable record: ${fault}`)
      this.#unknown.set(formatAddress(address), true)
      throw new NotFoundError(address, trail.steps)
    }

    trail.ok('dht', `${valid} valid ${valid === 1 ? 'answer' : 'answers'}`)
    trail.ok('record', `sequence ${newest.seq}, signed by the key in the address`)

    return newest
  }

  async #byUuid(
    address: NodeAddress,
    fresh: boolean,
    trail: Trail,
    signal: AbortSignal
  ): Promise<Answer> {
    const { store } = this.#options
    const pinned = await store.pin(address.uuid)

    if (pinned != null) {
      trail.ok('cache', `this UUID is pinned to the key ${pinned}`)
      const answer = await this.#byPin({ uuid: address.uuid, fp: pinned }, fresh, trail, signal)

      if (answer.record.end == null) return { ...answer, assurance: 'pinned' }

      const heir = await this.#heirOf(answer.record, trail, signal)

      // Another UUID is not this one's to pin.
      if (heir.record.uuid === address.uuid) {
        await store.setPin(address.uuid, heir.record.address.fp)
      }

      return { ...heir, source: 'peer', assurance: 'pinned' }
    }

    this.#mustHavePeers(address, trail)
    this.#mustNotBeUnknown(address, fresh, trail)

    const { records, silent } = await this.#claims(address, trail, signal)
    const verdict = judgeClaims(address.uuid, records, pinned, this.#options.vouchFor)

    if (verdict.kind === 'none') {
      if (silent > 0) throw new UnansweredError(address, silent, trail.steps)

      this.#unknown.set(formatAddress(address), true)
      throw new NotFoundError(address, trail.steps)
    }

    if (verdict.kind === 'ambiguous') {
      trail.failed('record', `${verdict.claims.length} keys claim this UUID`)
      throw new AmbiguousError(address.uuid, verdict.claims, trail.steps)
    }

    const known = { record: verdict.record, learnt: Date.now() }

    await store.remember(known)
    await store.setPin(address.uuid, verdict.record.address.fp)
    trail.ok('record', `${REASONS[verdict.assurance]}; pinned from now on`)

    return {
      ...known,
      source: 'peer',
      assurance: verdict.assurance,
      ...(verdict.vouch == null ? {} : { vouch: verdict.vouch })
    }
  }

  /** Of friends and of the DHT, asked at the same time. */
  async #claims(address: NodeAddress, trail: Trail, signal: AbortSignal): Promise<Claims> {
    const { network, friends } = this.#options
    const [known, gathered] = await withSignal(
      Promise.all([
        askFriends(friends, address, trail, signal),
        gatherClaims(network, address, trail, signal)
      ]),
      { signal }
    )

    return { records: [...gathered.records, ...known], silent: gathered.silent }
  }

  /** Where the pinned key is gone and others claim the UUID, that is told loudly and nobody is believed. */
  async #byPin(
    pinned: FullAddress,
    fresh: boolean,
    trail: Trail,
    signal: AbortSignal
  ): Promise<Answer> {
    try {
      return await this.#byFullAddress(pinned, fresh, trail, signal)
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error

      const bare = { uuid: pinned.uuid }
      const { records } = await this.#claims(bare, trail, signal)
      const verdict = judgeClaims(pinned.uuid, records, pinned.fp)

      // Friends may know it although the DHT does not.
      if (verdict.kind === 'chosen') {
        const known = await this.#options.store.remember({
          record: verdict.record,
          learnt: Date.now()
        })

        return { ...known, source: 'peer', assurance: 'pinned' }
      }

      const others = judgeClaims(pinned.uuid, records, undefined)

      if (others.kind === 'none') throw error

      const claims = others.kind === 'ambiguous' ? others.claims : [others.record]

      throw new PinnedKeyError(pinned, claims, trail.steps)
    }
  }

  #mustHavePeers(address: NodeAddress, trail: Trail): void {
    const peers = this.#options.network.routingTableSize()

    if (peers === 0) {
      trail.failed('seed', 'not on the network: no peers')
      throw new OfflineError(address, trail.steps)
    }

    trail.ok('seed', `on the network with ${peers} ${peers === 1 ? 'peer' : 'peers'}`)
  }

  #mustNotBeUnknown(address: NodeAddress, fresh: boolean, trail: Trail): void {
    if (fresh || !this.#unknown.has(formatAddress(address))) return

    trail.failed('dht', 'nobody knew it a moment ago')
    throw new NotFoundError(address, trail.steps)
  }

  #refresh(address: NodeAddress): void {
    this.#share(address, true).catch(() => {
      // The answer in the cache stands until it is outdated; then whoever asks is told.
    })
  }
}

function ageOf(known: KnownRecord, now: number): string {
  const seconds = Math.max(0, Math.round((now - known.learnt) / 1000))

  return `record learnt ${seconds} s ago`
}
