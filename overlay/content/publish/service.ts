import type { CID } from 'multiformats/cid'
import { nextAnnouncement, type RecordNetwork } from '../../../discovery/index.ts'
import { errorMessage, type FullAddress } from '../../../identity/index.ts'
import { siteKey } from '../site-key.ts'
import {
  openSiteRecord,
  signSiteRecord,
  verifySiteRecord,
  type VerifiedSite
} from '../site-record.ts'
import { isCurrent, nextRecord } from './next-record.ts'
import type { SiteRecordFile } from './store.ts'

/** How long one put may take, in ms. */
const PUT_TIMEOUT = 30_000

/** A site that changes all the time is put no more often, in ms: a put costs every node near its key a walk. */
const MIN_BETWEEN_PUTS = 5000

export interface SitePublisherOptions {
  readonly address: FullAddress
  /** Signs with the libp2p key that the node record names. */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** The node's own signed record; undefined while it has none. */
  readonly nodeRecord: () => Uint8Array | undefined
  readonly file: SiteRecordFile
  readonly network: Pick<RecordNetwork, 'put' | 'routingTableSize'>
  /** This node stores no older record under its own key from now on. */
  readonly remember: (site: VerifiedSite) => Promise<void>
  /** How long a record is valid, in ms. */
  readonly lifetime: number
  /** How often it is put again, in ms. */
  readonly interval: number
  readonly onSigned: (site: VerifiedSite) => void
  /** Others have a record for the first time. */
  readonly onAnnounced: (site: VerifiedSite, stored: number) => void
  readonly onWarning: (message: string) => void
}

/** When and where the record was last put into the network. */
export interface SitePut {
  /** ms since the epoch */
  readonly at: number
  /** Nodes that took it. */
  readonly stored: number
}

/** Signs what the site is now, and keeps it in the DHT, which forgets it after two days. */
export class SitePublisher {
  readonly #options: SitePublisherOptions
  readonly #abort = new AbortController()
  #site: VerifiedSite | undefined
  #root: CID | undefined
  /** Ends with the signing before: two records with one sequence number would both be believed. */
  #turn: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #announced = 0
  #lastPut: SitePut | undefined
  /** The site that others have. */
  #put: VerifiedSite | undefined
  #isPutting = false
  #hasWarned = false
  #failure: string | undefined

  constructor(options: SitePublisherOptions) {
    this.#options = options
  }

  /** What was signed last, in this run or one before. */
  get site(): VerifiedSite | undefined {
    return this.#site
  }

  /** Why what the site is now is not signed; undefined where nothing stands against it. */
  get failure(): string | undefined {
    return this.#failure
  }

  get lastPut(): SitePut | undefined {
    return this.#lastPut
  }

  /** Reads back what the last run signed. */
  async open(): Promise<void> {
    const bytes = await this.#options.file.read()

    if (bytes == null) return

    try {
      // Its sequence number counts even where it has expired, or the clock has gone back.
      this.#site = verifySiteRecord(bytes, this.#options.address)
      await this.#options.remember(this.#site)
    } catch (error) {
      this.#warn(`The stored record of this site is left aside: ${errorMessage(error)}`)
    }
  }

  /** The site has this root now; signed and announced unless that was done already. Never rejects. */
  async publish(root: CID): Promise<void> {
    this.#root = root
    await this.refresh()
  }

  /** Signs what could not be signed before, or runs out. Never rejects. */
  async refresh(): Promise<void> {
    await this.#signInTurn()
    if (this.#site !== this.#put) this.#putIn(this.#delayOfPut())
  }

  stop(): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
  }

  async #signInTurn(): Promise<void> {
    this.#turn = this.#turn.then(async () => this.#signIfNeeded())
    await this.#turn
  }

  async #signIfNeeded(): Promise<void> {
    const root = this.#root
    const now = Date.now()

    if (root == null || this.#abort.signal.aborted) return
    if (this.#site != null && isCurrent(this.#site, root, now)) return

    try {
      await this.#sign(root, now)
    } catch (error) {
      this.#failed(`The site could not be signed: ${errorMessage(error)}`)
    }
  }

  async #sign(root: CID, now: number): Promise<void> {
    const { address, lifetime, sign, file, remember, onSigned } = this.#options
    const node = this.#options.nodeRecord()

    if (node == null) {
      this.#failed(
        'The site is served, but not signed: this node has no record of itself yet. Unlock the authority key (plexnet unlock).'
      )

      return
    }

    const record = nextRecord(address.uuid, root, this.#site, now, lifetime)
    const bytes = signSiteRecord(record, node, sign)
    // As strictly as readers: what they would refuse is not told.
    const site = openSiteRecord(bytes, { address, now })

    await file.write(bytes)
    await remember(site)
    this.#site = site
    this.#announced = 0
    this.#hasWarned = false
    this.#failure = undefined
    onSigned(site)
  }

  #delayOfPut(): number {
    const last = this.#lastPut?.at ?? 0

    return Math.max(0, last + MIN_BETWEEN_PUTS - Date.now())
  }

  #putIn(delay: number): void {
    clearTimeout(this.#timer)
    if (this.#abort.signal.aborted) return

    this.#timer = setTimeout(() => void this.#announce(), delay).unref()
  }

  async #announce(): Promise<void> {
    const site = this.#site

    if (site == null || this.#isPutting) return
    // Whoever joins the network calls `refresh`.
    if (this.#options.network.routingTableSize() === 0) return

    this.#isPutting = true

    const stored = await this.#store(site)

    this.#isPutting = false
    this.#lastPut = { at: Date.now(), stored }
    if (stored > 0) {
      if (this.#put !== site) this.#options.onAnnounced(site, stored)
      this.#announced += 1
      this.#put = site
    }
    if (this.#site === site) this.#scheduleNext(stored === 0)
    else this.#putIn(MIN_BETWEEN_PUTS)
  }

  /** How many nodes took it; 0 where it could not be put. */
  async #store({ address, bytes }: VerifiedSite): Promise<number> {
    try {
      const { stored } = await this.#options.network.put(siteKey(address), bytes, {
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PUT_TIMEOUT)])
      })

      return stored
    } catch (error) {
      this.#warnOnce(`The record of this site could not be announced: ${errorMessage(error)}`)

      return 0
    }
  }

  #scheduleNext(lastFailed: boolean): void {
    const { delay } = nextAnnouncement(this.#announced, this.#options.interval, lastFailed)

    clearTimeout(this.#timer)
    if (this.#abort.signal.aborted) return

    this.#timer = setTimeout(() => void this.#again(), delay).unref()
  }

  async #again(): Promise<void> {
    await this.#signInTurn()
    await this.#announce()
  }

  #failed(reason: string): void {
    this.#failure = reason
    this.#warnOnce(reason)
  }

  #warnOnce(warning: string): void {
    if (this.#hasWarned) return

    this.#hasWarned = true
    this.#warn(warning)
  }

  #warn(warning: string): void {
    if (!this.#abort.signal.aborted) this.#options.onWarning(warning)
  }
}
