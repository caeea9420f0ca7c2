import { decode, encode } from '@ipld/dag-cbor'
import type { AbortOptions } from '@libp2p/interface'
import { Key, type Datastore } from 'interface-datastore'
import { LRUCache } from 'lru-cache'
import type { AddressFingerprint, NodeUuid } from '../identity/index.ts'
import { RecordError } from './errors.ts'
import { openNodeRecord } from './node-record.ts'
import type { VerifiedRecord } from './record.ts'
import { nodeRecordKey } from './record-key.ts'
import { areRivals } from './succession/rival.ts'

/** Records of others kept in memory and on disk; past it the one not used for longest is deleted. */
export const MAX_CACHED_RECORDS = 5000

/** DHT keys whose highest sequence number is remembered; past it new keys are refused. */
export const MAX_SEQUENCES = 50_000

/** Last records that the owner of this node gave it to tell. */
export const MAX_ENDS = 64

/** Keys of which two last records are kept: keys cost a flooder little, but are compared only where somebody asks for them. */
const MAX_RIVALS = 1000

/** Peers remembered across restarts. */
export const MAX_REMEMBERED_PEERS = 100

export interface KnownRecord {
  readonly record: VerifiedRecord
  /** ms since the epoch */
  readonly learnt: number
}

export interface StoreLimits {
  readonly records?: number
  readonly sequences?: number
}

/** What counts of any record that replaces those before it. */
interface Sequence {
  readonly seq: number
  /** ms since the epoch; until then an older one is refused. */
  readonly expires: number
}

const PREFIX = '/plexnet/discovery'

/** What discovery remembers: records of others, pins, sequence numbers and peers, each on disk before it counts. */
export class DiscoveryStore {
  readonly #datastore: Datastore
  readonly #maxSequences: number
  readonly #records: LRUCache<string, KnownRecord>
  /** Fingerprints of the records on disk. */
  readonly #stored: LRUCache<string, true>
  readonly #sequences = new Map<string, Sequence>()
  #rivals = 0
  /** Ends with the last write: a newer value must not be overtaken by an older one on its way to the disk. */
  #written: Promise<void> = Promise.resolve()

  constructor(datastore: Datastore, limits: StoreLimits = {}) {
    const max = limits.records ?? MAX_CACHED_RECORDS

    this.#datastore = datastore
    this.#maxSequences = limits.sequences ?? MAX_SEQUENCES
    this.#records = new LRUCache({ max })
    this.#stored = new LRUCache({
      max,
      dispose: (_, fp, reason) => {
        if (reason === 'evict') this.#forget(fp)
      }
    })
  }

  /** Reads the sequence numbers back; those whose record has expired are forgotten. */
  async open(now: number, options: AbortOptions = {}): Promise<void> {
    for await (const { key, value } of this.#datastore.query(
      { prefix: `${PREFIX}/seq/` },
      options
    )) {
      const sequence = readSequence(value)

      if (sequence != null && sequence.expires > now) {
        this.#sequences.set(key.toString().slice(`${PREFIX}/seq`.length), sequence)
      } else {
        await this.#datastore.delete(key, options)
      }
    }

    for await (const key of this.#datastore.queryKeys({ prefix: `${PREFIX}/record/` }, options)) {
      this.#stored.set(key.name(), true)
    }

    this.#rivals = await Array.fromAsync(
      this.#datastore.queryKeys({ prefix: `${PREFIX}/rival/` }, options)
    ).then(({ length }) => length)
    await this.#written
  }

  /** The record of a full address that is in memory, without a look at the disk. */
  recall(fp: AddressFingerprint): KnownRecord | undefined {
    return this.#records.get(fp)
  }

  async record(fp: AddressFingerprint): Promise<KnownRecord | undefined> {
    const recalled = this.#records.get(fp)

    if (recalled != null) return recalled

    const known = await this.#readRecord(fp)
    // A newer one may have come while the disk was read.
    const current = this.#records.get(fp) ?? known

    if (current != null) this.#records.set(fp, current)

    return current
  }

  /** Keeps a record unless a newer one is known, and returns the one that is kept. */
  async remember(known: KnownRecord): Promise<KnownRecord> {
    const { fp } = known.record.address

    await this.record(fp)

    const current = this.#records.get(fp)

    if (current != null && current.record.seq > known.record.seq) return current
    if (current != null && areRivals(current.record, known.record)) {
      await this.keepRival(known.record)

      return current
    }

    this.#records.set(fp, known)
    this.#stored.set(fp, true)
    await this.#write(`record/${fp}`, encode({ bytes: known.record.bytes, learnt: known.learnt }))

    return known
  }

  /** A last record that names another successor than the one which is kept of the same key. */
  async rival(fp: AddressFingerprint): Promise<VerifiedRecord | undefined> {
    const bytes = await this.#read(`rival/${fp}`)

    return bytes == null ? undefined : openOr(bytes)
  }

  /** Proof that a key is in two hands; at the bound it is not kept. */
  async keepRival(record: VerifiedRecord): Promise<void> {
    if ((await this.rival(record.address.fp)) != null || this.#rivals >= MAX_RIVALS) return

    this.#rivals++
    await this.#write(`rival/${record.address.fp}`, record.bytes)
  }

  async pin(uuid: NodeUuid): Promise<AddressFingerprint | undefined> {
    const bytes = await this.#read(`pin/${uuid}`)

    return bytes == null ? undefined : decode<AddressFingerprint>(bytes)
  }

  async setPin(uuid: NodeUuid, fp: AddressFingerprint): Promise<void> {
    await this.#write(`pin/${uuid}`, encode(fp))
  }

  /**
   * Raises the sequence number seen under a DHT key.
   *
   * kad-dht's own PUT never compares, so that an older valid record would replace a newer one (js-libp2p #3377).
   *
   * @throws {RecordError} `superseded` where a higher one was seen, `store-full` at the bound
   */
  async raiseSequence(key: string, record: Sequence, now: number): Promise<void> {
    const seen = this.#sequences.get(key)

    if (seen != null && seen.expires > now && seen.seq > record.seq) {
      throw new RecordError(
        'superseded',
        `Sequence ${record.seq} under ${key} is older than ${seen.seq}, which was seen already.`
      )
    }

    if (seen?.seq === record.seq) return

    if (seen == null) this.#makeRoom(now)

    await this.#setSequence(key, record)
  }

  /** Last records of keys, as the owner gave them to this node to tell. */
  async ends(): Promise<VerifiedRecord[]> {
    const found: VerifiedRecord[] = []

    for await (const { value } of this.#datastore.query({ prefix: `${PREFIX}/end/` })) {
      try {
        found.push(openNodeRecord(value))
      } catch {
        // Damaged: the owner has it on paper.
        continue
      }
    }

    return found
  }

  /** @throws {RecordError} at the bound */
  async keepEnd(record: VerifiedRecord): Promise<void> {
    const known = await this.ends()
    const isKnown = known.some(({ address }) => address.fp === record.address.fp)

    if (!isKnown && known.length >= MAX_ENDS) {
      throw new RecordError('store-full', `This node tells ${MAX_ENDS} last records already.`)
    }

    await this.#write(`end/${record.address.fp}`, record.bytes)
  }

  async ownRecord(): Promise<Uint8Array | undefined> {
    return this.#read('own-record')
  }

  /** Its sequence number counts as seen: a peer may put an older one back to the node whose record it is. */
  async setOwnRecord(record: VerifiedRecord): Promise<void> {
    const { uuid, fp } = record.address

    await this.#setSequence(nodeRecordKey(uuid, fp), record)
    await this.#write('own-record', record.bytes)
  }

  /** Multiaddrs, `/p2p/` part included, of peers that were connected, the last connected first. */
  async rememberedPeers(): Promise<string[][]> {
    const bytes = await this.#read('peers')

    return bytes == null ? [] : decode<string[][]>(bytes)
  }

  async rememberPeers(peers: readonly (readonly string[])[]): Promise<void> {
    await this.#write('peers', encode(peers.slice(0, MAX_REMEMBERED_PEERS)))
  }

  async #setSequence(key: string, { seq, expires }: Sequence): Promise<void> {
    this.#sequences.set(key, { seq, expires })
    await this.#write(`seq${key}`, encode({ seq, expires }))
  }

  #makeRoom(now: number): void {
    if (this.#sequences.size < this.#maxSequences) return

    for (const [key, { expires }] of this.#sequences) {
      if (expires <= now) this.#sequences.delete(key)
    }

    if (this.#sequences.size >= this.#maxSequences) {
      throw new RecordError(
        'store-full',
        `This node stores ${this.#maxSequences} records for others already.`
      )
    }
  }

  async #readRecord(fp: AddressFingerprint): Promise<KnownRecord | undefined> {
    const stored = await this.#read(`record/${fp}`)

    if (stored == null) return undefined

    try {
      const { bytes, learnt } = decode<{ bytes: Uint8Array; learnt: number }>(stored)

      return { record: openNodeRecord(bytes), learnt }
    } catch {
      // Damaged, or kept by a version with other limits: the network has it still.
      return undefined
    }
  }

  #forget(fp: string): void {
    const key = new Key(`${PREFIX}/record/${fp}`)

    this.#records.delete(fp)
    this.#written = this.#written
      .then(async () => this.#datastore.delete(key))
      .then(nothing, nothing)
  }

  async #write(name: string, value: Uint8Array): Promise<void> {
    const key = new Key(`${PREFIX}/${name}`)
    const written = this.#written.then(async () => this.#datastore.put(key, value))

    this.#written = written.then(nothing, nothing)
    await written
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    const key = new Key(`${PREFIX}/${name}`)

    return (await this.#datastore.has(key)) ? this.#datastore.get(key) : undefined
  }
}

function openOr(bytes: Uint8Array): VerifiedRecord | undefined {
  try {
    return openNodeRecord(bytes)
  } catch {
    return undefined
  }
}

function readSequence(value: Uint8Array): Sequence | undefined {
  try {
    return decode<Sequence>(value)
  } catch {
    return undefined
  }
}

/** A write that fails is its writer's matter, not that of the next one. */
function nothing(): void {}
