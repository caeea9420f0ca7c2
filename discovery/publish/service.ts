import type { AbortOptions } from '@libp2p/interface'
import { isDeepStrictEqual } from 'node:util'
import {
  errorMessage,
  type Authority,
  type FullAddress,
  type Identity
} from '../../identity/index.ts'
import type { Coordinate } from '../coordinates/coordinate.ts'
import { isWorthTelling } from '../coordinates/telling.ts'
import { RecordError } from '../errors.ts'
import type { RecordNetwork } from '../network.ts'
import { checkTimes, encodeNodeRecord, openNodeRecord } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import { claimKey, nodeRecordKey } from '../record-key.ts'
import type { DiscoveryStore } from '../store.ts'
import { MAX_PREDECESSORS } from '../succession/fields.ts'
import { isSameReachability, withinRecord, type Reachability } from './reachability.ts'
import { nextAnnouncement } from './schedule.ts'

/** How long one announcement may take, in ms. */
const ANNOUNCE_TIMEOUT = 30_000

export interface PublisherOptions {
  readonly identity: Identity
  readonly store: DiscoveryStore
  readonly network: RecordNetwork
  readonly reachability: () => Reachability
  /** Where this node is among the others, as far as it knows. */
  readonly coordinate?: () => Coordinate | undefined
  /** What it does for others, one word each; nothing where not given. */
  readonly capabilities?: () => readonly string[]
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
  /** What the record was signed for in this run. */
  #signedFor: Reachability | undefined
  /** Ends with the signing before: two records with one sequence number would both be believed. */
  #turn: Promise<void> = Promise.resolve()
  #underway: { readonly record: VerifiedRecord; readonly done: Promise<void> } | undefined
  /** Last records that this node tells beside its own. */
  #ends: readonly VerifiedRecord[] = []
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

    this.#ends = await this.#options.store.ends()
    if (bytes == null) return

    try {
      const record = openNodeRecord(bytes)

      if (record.address.fp === this.#options.identity.address.fp) this.#record = record
    } catch (error) {
      this.#warn(`The stored record of this node is left aside: ${errorMessage(error)}`)
    }
  }

  /** From now on records can be signed; the first is signed at once. */
  async unlock(authority: Authority): Promise<void> {
    this.#authority = authority
    await this.#inTurn(async () => this.#sign())
  }

  /** Signs again if this node is reached elsewhere now, is elsewhere among the others or does other things for them, and announces the record. Never rejects. */
  async refresh(): Promise<void> {
    await this.#signUnless(() => {
      const now = withinRecord(this.#options.reachability())

      return (
        this.#signedFor != null &&
        isSameReachability(this.#signedFor, now) &&
        isDeepStrictEqual(this.#capabilities(), this.#record?.capabilities) &&
        !isWorthTelling(this.#options.coordinate?.(), this.#record ?? { issued: 0 }, Date.now())
      )
    })
    await this.announce()
  }

  /** Tells the last record of a key from now on, and that this node took its place where it is named. */
  async tell(end: VerifiedRecord): Promise<void> {
    const { store } = this.#options

    await store.keepEnd(end)
    this.#ends = await store.ends()
    if (this.#predecessors().length !== (this.#record?.predecessors?.length ?? 0)) {
      await this.#signUnless(() => false)
    }
    await this.announce()
  }

  /** Puts the record to the nodes nearest to it and announces the claim of the UUID. Never rejects. */
  async announce(): Promise<void> {
    const record = this.#record

    this.#scheduleNext()

    if (record == null || this.#options.network.routingTableSize() === 0) return
    if (this.#underway?.record === record) return this.#underway.done

    const done = this.#put(record)

    this.#underway = { record, done }
    await done
    if (this.#underway?.done === done) this.#underway = undefined
  }

  stop(): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
  }

  async #put(record: VerifiedRecord): Promise<void> {
    const { network } = this.#options
    const options: AbortOptions = {
      signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANNOUNCE_TIMEOUT)])
    }

    try {
      checkTimes(record, Date.now())

      const [{ stored }] = await Promise.all([
        network.put(nodeRecordKey(record.uuid, record.address.fp), record.bytes, options),
        network.provide(claimKey(record.uuid), options),
        ...this.#ends.map(async ({ uuid, address: { fp }, bytes }) =>
          network.put(nodeRecordKey(uuid, fp), bytes, options)
        )
      ])

      // Nobody took it: the peers were slow or hardly there yet.
      if (stored > 0) this.#announced += 1
      this.#scheduleNext(stored === 0)
      this.#options.onAnnounced(stored)
    } catch (error) {
      this.#scheduleNext(true)
      this.#warn(announceFailure(error))
    }
  }

  #scheduleNext(lastFailed = false): void {
    clearTimeout(this.#timer)
    if (this.#abort.signal.aborted) return

    const { delay, renew } = nextAnnouncement(this.#announced, this.#options.interval, lastFailed)

    this.#timer = setTimeout(() => void (renew ? this.#renew() : this.announce()), delay).unref()
  }

  async #renew(): Promise<void> {
    await this.#signUnless(() => false)
    await this.announce()
  }

  async #signUnless(isCurrent: () => boolean): Promise<void> {
    try {
      await this.#inTurn(async () => {
        if (!this.#abort.signal.aborted && !isCurrent()) await this.#sign()
      })
    } catch (error) {
      this.#warn(`No new record of this node could be signed: ${errorMessage(error)}`)
    }
  }

  async #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act)

    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #sign(): Promise<void> {
    const authority = this.#authority

    if (authority == null) return

    const { identity, lifetime, store } = this.#options
    const reachability = withinRecord(this.#options.reachability())
    const now = Date.now()
    const coordinate = this.#options.coordinate?.()
    const predecessors = this.#predecessors()
    const bytes = encodeNodeRecord(
      {
        uuid: identity.uuid,
        certificate: identity.certificate,
        libp2pKey: identity.libp2pKey.publicKey,
        ...reachability,
        // The clock, so that a node restored from an old backup is still believed.
        seq: Math.max(now, (this.#record?.seq ?? 0) + 1),
        issued: now,
        expires: now + lifetime,
        capabilities: [...this.#capabilities()],
        ...(coordinate == null ? {} : { coordinate }),
        ...(predecessors.length === 0 ? {} : { predecessors })
      },
      body => authority.sign(body)
    )
    const record = openNodeRecord(bytes)

    await store.setOwnRecord(record)
    this.#record = record
    this.#signedFor = reachability
  }

  #capabilities(): readonly string[] {
    return this.#options.capabilities?.() ?? []
  }

  /** Those who name this node their successor; the last ones, where there are more than a record has room for. */
  #predecessors(): readonly FullAddress[] {
    const { fp } = this.#options.identity.address

    return this.#ends
      .filter(({ end }) => end?.kind === 'succeeded' && end.successor.fp === fp)
      .toSorted((a, b) => b.issued - a.issued)
      .slice(0, MAX_PREDECESSORS)
      .map(({ address }) => address)
  }

  #warn(warning: string): void {
    if (!this.#abort.signal.aborted) this.#options.onWarning(warning)
  }
}

function announceFailure(error: unknown): string {
  if (error instanceof RecordError && error.fault === 'expired') {
    return 'The record of this node has expired and others will forget its address. Unlock the authority key (plexnet unlock), so that a new one can be signed.'
  }

  return `The record of this node could not be announced: ${errorMessage(error)}`
}
