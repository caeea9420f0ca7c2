import type { AbortOptions } from '@libp2p/interface'
import type { Authority, Identity } from '../../identity/index.ts'
import { RecordError } from '../errors.ts'
import type { RecordNetwork } from '../network.ts'
import { checkTimes, encodeNodeRecord, openNodeRecord } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import { claimKey, nodeRecordKey } from '../record-key.ts'
import type { DiscoveryStore } from '../store.ts'

/** How long one announcement may take, in ms. */
const ANNOUNCE_TIMEOUT = 30_000

/**
 * A record put early reaches the few who are there: these times after joining, in ms, it is put again,
 * from then on at the configured interval.
 */
const EARLY_ANNOUNCEMENTS = [5000, 30_000, 300_000]

/** Where a node is reached just now. */
export interface Reachability {
  readonly multiaddrs: readonly string[]
  readonly endpoints: readonly string[]
  readonly host?: string
}

export interface PublisherOptions {
  readonly identity: Identity
  readonly store: DiscoveryStore
  readonly network: RecordNetwork
  readonly reachability: () => Reachability
  /** How long a record is valid, in ms. */
  readonly lifetime: number
  /** How often it is put again, in ms. */
  readonly interval: number
  readonly onAnnounced: (stored: number) => void
  readonly onWarning: (message: string) => void
}

/**
 * Keeps this node's own record signed, current and in the DHT: kad-dht never puts a value again by itself
 * and forgets it after 48 hours.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #abort = new AbortController()
  #authority: Authority | undefined
  #record: VerifiedRecord | undefined
  #timer: NodeJS.Timeout | undefined
  #announced = 0

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  get record(): VerifiedRecord | undefined {
    return this.#record
  }

  /** Reads the record of the last run back, which is all that a locked node has. */
  async open(): Promise<void> {
    const bytes = await this.#options.store.ownRecord()

    if (bytes == null) return

    const record = openNodeRecord(bytes)

    if (record.address.fp === this.#options.identity.address.fp) this.#record = record
  }

  /** From now on records can be signed; the first is signed at once. */
  async unlock(authority: Authority): Promise<void> {
    this.#authority = authority
    await this.#sign()
  }

  /** Signs again if this node is reached elsewhere now, and announces the record. */
  async refresh(): Promise<void> {
    if (this.#record == null || !sameReachability(this.#record, this.#options.reachability())) {
      await this.#sign()
    }

    await this.announce()
  }

  /** Puts the record to the nodes nearest to it and announces the claim of the UUID. */
  async announce(): Promise<void> {
    this.#scheduleNext()

    const record = this.#record

    if (record == null || this.#options.network.routingTableSize() === 0) return

    const options: AbortOptions = {
      signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANNOUNCE_TIMEOUT)])
    }

    try {
      checkTimes(record, Date.now())

      const key = nodeRecordKey(record.uuid, record.address.fp)
      const [{ stored }] = await Promise.all([
        this.#options.network.put(key, record.bytes, options),
        this.#options.network.provide(claimKey(record.uuid), options)
      ])

      this.#announced += 1
      this.#scheduleNext()
      this.#options.onAnnounced(stored)
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#options.onWarning(announceFailure(error))
    }
  }

  stop(): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
  }

  #scheduleNext(): void {
    const { interval } = this.#options
    const early = this.#announced === 0 ? undefined : EARLY_ANNOUNCEMENTS[this.#announced - 1]

    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => void (early == null ? this.#renew() : this.announce()),
      Math.min(interval, early ?? interval)
    ).unref()
  }

  async #renew(): Promise<void> {
    await this.#sign()
    await this.announce()
  }

  async #sign(): Promise<void> {
    const authority = this.#authority

    if (authority == null) return

    const { identity, lifetime, store } = this.#options
    const now = Date.now()
    const bytes = encodeNodeRecord(
      {
        uuid: identity.uuid,
        certificate: identity.certificate,
        libp2pKey: identity.libp2pKey.publicKey,
        ...this.#options.reachability(),
        // The clock, so that a node restored from an old backup is still believed.
        seq: Math.max(now, (this.#record?.seq ?? 0) + 1),
        issued: now,
        expires: now + lifetime,
        capabilities: []
      },
      message => authority.sign(message)
    )

    await store.setOwnRecord(bytes)
    this.#record = openNodeRecord(bytes)
  }
}

function sameReachability(record: VerifiedRecord, now: Reachability): boolean {
  return (
    record.host === now.host &&
    sameItems(record.multiaddrs, now.multiaddrs) &&
    sameItems(record.endpoints, now.endpoints)
  )
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join(' ') === b.toSorted().join(' ')
}

function announceFailure(error: unknown): string {
  if (error instanceof RecordError && error.fault === 'expired') {
    return 'The record of this node has expired and others will forget its address. Unlock the authority key (plexnet unlock), so that a new one can be signed.'
  }

  return `The record of this node could not be announced: ${error instanceof Error ? error.message : String(error)}`
}
