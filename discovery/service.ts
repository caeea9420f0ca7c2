import {
  formatAddress,
  type Authority,
  type FullAddress,
  type NodeAddress,
  type NodeUuid
} from '../identity/index.ts'
import type { VouchFor } from './claims.ts'
import { diverseSample } from './diverse-sample.ts'
import { RecordError } from './errors.ts'
import { checkTimes, MAX_RECORD_LIFETIME, openNodeRecord } from './node-record.ts'
import { Joiner, type JoinState } from './join/service.ts'
import type { Resolution } from './lookup/resolution.ts'
import { Lookup, type ResolveOptions } from './lookup/service.ts'
import type { Friends } from './lookup/friends/service.ts'
import { Neighbours } from './neighbours/service.ts'
import type { PeerContact, RecordNetwork } from './network.ts'
import type { VerifiedRecord } from './record.ts'
import { Publisher, type PublisherOptions } from './publish/service.ts'
import { newestRecord, openRecordAt } from './record-key.ts'
import { encodeSeedAnswer, SEED_SAMPLE } from './seed-answer.ts'
import type { Seed } from './seed.ts'
import type { DiscoveryStore } from './store.ts'
import { encodeClaimsAnswer } from './claims-answer.ts'

export interface DiscoveryOptions extends Omit<
  PublisherOptions,
  'store' | 'network' | 'onAnnounced'
> {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  readonly seeds: readonly Seed[]
  /** Who is asked beside the DHT whom a bare UUID means. */
  readonly friends?: Friends
  /** What this node's trust map says of a claim. */
  readonly vouchFor?: VouchFor
  /** A key was found to be replaced, as both say, or revoked. */
  readonly onEnd?: (ended: FullAddress, successor: FullAddress | undefined) => void
  /** A key was found to name two successors: neither is followed. */
  readonly onDispute?: (ended: FullAddress, successors: readonly FullAddress[]) => void
  readonly onJoined: (via: string) => void
  readonly onAnnounced: (stored: number) => void
}

/** Joining, looking up and being found: what the node asks of its network (A25, A26). */
export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #publisher: Publisher
  readonly #lookup: Lookup
  readonly #joiner: Joiner
  readonly #neighbours: Neighbours

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#publisher = new Publisher(options)
    this.#lookup = new Lookup({ ...options, self: () => this.#publisher.record })
    this.#neighbours = new Neighbours(options)
    this.#joiner = new Joiner({
      ...options,
      onJoined: via => {
        options.onJoined(via)
        void this.#publisher.refresh()
      },
      onRecords: records => {
        this.#rememberAll(records).catch((error: unknown) => {
          options.onWarning(`Records that a seed told of were not kept: ${String(error)}`)
        })
      }
    })
  }

  get joinState(): JoinState {
    return this.#joiner.state
  }

  get ownRecord(): VerifiedRecord | undefined {
    return this.#publisher.record
  }

  /** Reads back what the last run knew. */
  async open(): Promise<void> {
    await this.#publisher.open()
  }

  /** Begins to join; `onJoined` tells when it has. */
  start(): void {
    this.#joiner.start()
  }

  stop(): void {
    this.#joiner.stop()
    this.#publisher.stop()
    this.#lookup.stop()
  }

  async unlock(authority: Authority): Promise<void> {
    await this.#publisher.unlock(authority)
    if (this.#joiner.state.joined) await this.#publisher.announce()
  }

  /** This node is reached elsewhere now, or may be. */
  async reachabilityChanged(): Promise<void> {
    await this.#publisher.refresh()
  }

  peerConnected(peer: PeerContact): void {
    this.#joiner.peerConnected()
    void this.#neighbours.learn(peer)
  }

  peerGone(peerId: string): void {
    this.#neighbours.forget(peerId)
    this.#joiner.peerGone()
  }

  /** The record of a connected peer, if it gave a good one. */
  neighbour(peerId: string): VerifiedRecord | undefined {
    return this.#neighbours.get(peerId)
  }

  /** Of the connected peers, as far as they gave good ones. */
  neighbours(): VerifiedRecord[] {
    return this.#neighbours.records()
  }

  /** As `Lookup.resolve`. */
  async resolve(address: NodeAddress, options: ResolveOptions = {}): Promise<Resolution> {
    return this.#lookup.resolve(address, options)
  }

  /** The records under a UUID that this node knows without asking anybody, for whoever asks it. */
  async claimsAnswer(uuid: NodeUuid): Promise<Uint8Array> {
    const { store } = this.#options
    const pinned = await store.pin(uuid)
    const known = pinned == null ? undefined : await store.record(pinned)
    const candidates = [this.#publisher.record, known?.record, ...this.#neighbours.records()]
    const records = candidates.flatMap(record => (record?.uuid === uuid ? [record.bytes] : []))

    return encodeClaimsAnswer([...new Set(records)])
  }

  /** What this node tells a newcomer that asks it as a seed; undefined until it has a record. */
  seedAnswer(): Uint8Array | undefined {
    const own = this.#publisher.record

    if (own == null) return undefined

    const sample = diverseSample(this.#neighbours.records(), SEED_SAMPLE, Math.random)

    return encodeSeedAnswer(
      own.bytes,
      sample.map(record => record.bytes),
      Date.now()
    )
  }

  /**
   * Tells the network of the last record of a key: a revocation, or a succession by this node.
   *
   * @throws {RecordError} `malformed` where it is none, `wrong-key` where another node is named
   */
  async tellEnd(bytes: Uint8Array): Promise<VerifiedRecord> {
    const record = openNodeRecord(bytes)
    const { end } = record

    checkTimes(record, Date.now())
    if (end == null) {
      throw new RecordError(
        'malformed',
        'This is a record as every node has one, and not its last.'
      )
    }
    if (
      end.kind === 'succeeded' &&
      formatAddress(end.successor) !== formatAddress(this.#options.identity.address)
    ) {
      throw new RecordError(
        'wrong-key',
        `It names ${formatAddress(end.successor)} as successor: give it to that node.`
      )
    }

    await this.remember(record)
    await this.#publisher.tell(record)

    return record
  }

  /** A record that came by another way, so that its node is found at once. */
  async remember(record: VerifiedRecord): Promise<void> {
    await this.#rememberAll([record])
  }

  async #rememberAll(records: readonly VerifiedRecord[]): Promise<void> {
    const learnt = Date.now()
    const { store } = this.#options

    await Promise.all(records.map(async record => store.remember({ record, learnt })))
  }
}

/**
 * Decides for the DHT whether a record may be stored under a key.
 *
 * @throws {RecordError}
 */
export async function validateForStorage(
  store: DiscoveryStore,
  key: string,
  value: Uint8Array
): Promise<void> {
  const now = Date.now()

  const { seq, expires } = openRecordAt(key, value, now)

  // A last record counts for years, and an author's years must not hold a place here: whatever it replaces has expired by then.
  await store.raiseSequence(
    key,
    { seq, expires: Math.min(expires, now + MAX_RECORD_LIFETIME) },
    now
  )
}

/** Decides for the DHT which of several records under a key is the newest. */
export function selectNewest(key: string, values: readonly Uint8Array[]): number {
  return newestRecord(key, values, Date.now())
}
