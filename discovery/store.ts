import { decode, encode } from '@ipld/dag-cbor'
import type { AbortOptions } from '@libp2p/interface'
import { Key, type Datastore } from 'interface-datastore'
import { LRUCache } from 'lru-cache'
import type { AddressFingerprint, NodeUuid } from '../identity/index.ts'
import { RecordError } from './errors.ts'
import { openNodeRecord } from './node-record.ts'
import type { VerifiedRecord } from './record.ts'

/** Records of others kept in memory. */
export const MAX_CACHED_RECORDS = 5000

/** DHT keys whose highest sequence number is remembered; past it new keys are refused. */
export const MAX_SEQUENCES = 50_000

/** Peers remembered across restarts. */
export const MAX_REMEMBERED_PEERS = 100

export interface KnownRecord {
  readonly record: VerifiedRecord
  /** ms since the epoch */
  readonly learnt: number
}

interface Sequence {
  readonly seq: number
  readonly expires: number
}

const PREFIX = '/plexnet/discovery'

/** What discovery remembers: records of others, pins, sequence numbers and peers, each on disk before it counts. */
export class DiscoveryStore {
  readonly #datastore: Datastore
  readonly #records = new LRUCache<string, KnownRecord>({ max: MAX_CACHED_RECORDS })
  readonly #sequences = new Map<string, Sequence>()

  constructor(datastore: Datastore) {
    this.#datastore = datastore
  }

  /** Reads the sequence numbers back; those whose record has expired are forgotten. */
  async open(now: number, options: AbortOptions = {}): Promise<void> {
    for await (const { key, value } of this.#datastore.query(
      { prefix: `${PREFIX}/seq/` },
      options
    )) {
      const sequence = decode<Sequence>(value)

      if (sequence.expires > now) {
        this.#sequences.set(key.toString().slice(`${PREFIX}/seq`.length), sequence)
      } else {
        await this.#datastore.delete(key, options)
      }
    }
  }

  /** The record of a full address that is in memory, without a look at the disk. */
  recall(fp: AddressFingerprint): KnownRecord | undefined {
    return this.#records.get(fp)
  }

  async record(fp: AddressFingerprint): Promise<KnownRecord | undefined> {
    const known = this.#records.get(fp) ?? (await this.#readRecord(fp))

    if (known != null) this.#records.set(fp, known)

    return known
  }

  async remember(known: KnownRecord): Promise<void> {
    const { fp } = known.record.address
    const older = await this.record(fp)

    if (older != null && older.record.seq > known.record.seq) return

    this.#records.set(fp, known)
    await this.#datastore.put(
      new Key(`${PREFIX}/record/${fp}`),
      encode({ bytes: known.record.bytes, learnt: known.learnt })
    )
  }

  async pin(uuid: NodeUuid): Promise<AddressFingerprint | undefined> {
    const bytes = await this.#read(`pin/${uuid}`)

    return bytes == null ? undefined : decode<AddressFingerprint>(bytes)
  }

  async setPin(uuid: NodeUuid, fp: AddressFingerprint): Promise<void> {
    await this.#datastore.put(new Key(`${PREFIX}/pin/${uuid}`), encode(fp))
  }

  /**
   * Raises the sequence number seen under a DHT key.
   *
   * kad-dht's own PUT never compares, so that an older valid record would replace a newer one (js-libp2p #3377).
   *
   * @throws {RecordError} `superseded` where a higher one was seen, `store-full` at the bound
   */
  async raiseSequence(key: string, record: VerifiedRecord, now: number): Promise<void> {
    const seen = this.#sequences.get(key)

    if (seen != null && seen.expires > now && seen.seq > record.seq) {
      throw new RecordError(
        'superseded',
        `Sequence ${record.seq} under ${key} is older than ${seen.seq}, which was seen already.`
      )
    }

    if (seen?.seq === record.seq) return

    if (seen == null) this.#makeRoom(now)

    const sequence = { seq: record.seq, expires: record.expires }

    this.#sequences.set(key, sequence)
    await this.#datastore.put(new Key(`${PREFIX}/seq${key}`), encode(sequence))
  }

  async ownRecord(): Promise<Uint8Array | undefined> {
    return this.#read('own-record')
  }

  async setOwnRecord(bytes: Uint8Array): Promise<void> {
    await this.#datastore.put(new Key(`${PREFIX}/own-record`), bytes)
  }

  /** Multiaddrs, `/p2p/` part included, of peers that were connected, the last connected first. */
  async rememberedPeers(): Promise<string[][]> {
    const bytes = await this.#read('peers')

    return bytes == null ? [] : decode<string[][]>(bytes)
  }

  async rememberPeers(peers: readonly (readonly string[])[]): Promise<void> {
    await this.#datastore.put(
      new Key(`${PREFIX}/peers`),
      encode(peers.slice(0, MAX_REMEMBERED_PEERS))
    )
  }

  #makeRoom(now: number): void {
    if (this.#sequences.size < MAX_SEQUENCES) return

    for (const [key, { expires }] of this.#sequences) {
      if (expires <= now) this.#sequences.delete(key)
    }

    if (this.#sequences.size >= MAX_SEQUENCES) {
      throw new RecordError(
        'store-full',
        `This node stores ${MAX_SEQUENCES} records for others already.`
      )
    }
  }

  async #readRecord(fp: AddressFingerprint): Promise<KnownRecord | undefined> {
    const stored = await this.#read(`record/${fp}`)

    if (stored == null) return undefined

    const { bytes, learnt } = decode<{ bytes: Uint8Array; learnt: number }>(stored)

    return { record: openNodeRecord(bytes), learnt }
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    const key = new Key(`${PREFIX}/${name}`)

    return (await this.#datastore.has(key)) ? this.#datastore.get(key) : undefined
  }
}
