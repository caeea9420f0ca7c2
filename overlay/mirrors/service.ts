import type { CID } from 'multiformats/cid'
import { join } from 'node:path'
import { nextAnnouncement, type RecordNetwork } from '../../discovery/index.ts'
import { errorMessage, formatAddress, type FullAddress } from '../../identity/index.ts'
import { siteKey } from '../content/site-key.ts'
import type { VerifiedSite } from '../content/site-record.ts'
import { MirrorBlocks } from './blocks/store.ts'
import { copyVersion, type FetchBlock } from './copy/service.ts'
import { newEntry, statusOf, type Entry, type MirrorStatus } from './entry.ts'
import { MirrorPausedError, MirrorRefusedError, NotMirroredError } from './errors.ts'
import { MirrorFile } from './file/store.ts'
import { mirrorKey } from './mirror-key.ts'
import { MAX_MIRRORED_SITES, type MirroredSite } from './mirrored-site.ts'
import { changedLimits, untilAllowed, type PaceChange, type PaceLimits } from './pace/limits.ts'
import { MirrorPace, SYSTEM_CLOCK, type Clock } from './pace/service.ts'
import { retryDelay } from './progress.ts'
import { Pushes, type PushedSite } from './push/service.ts'
import { surveyTree } from './survey.ts'

/** How often a site is looked at for a newer version that nobody announced, in ms. */
const CHECK_INTERVAL = 300_000

/** How often it is looked whether anything is due, in ms. */
const TICK = 2000

/** How long one put into the DHT may take, in ms. */
const PUT_TIMEOUT = 30_000

export interface MirrorsOptions {
  /** Where blocks and the list are kept. */
  readonly directory: string
  /** The newest record of a site, from wherever it is to be had. */
  readonly find: (address: FullAddress) => Promise<VerifiedSite | undefined>
  /** How blocks of a site are fetched. */
  readonly reader: (site: VerifiedSite) => Promise<FetchBlock>
  readonly network: Pick<RecordNetwork, 'put' | 'provide' | 'routingTableSize'>
  /** How often records are put again, in ms. */
  readonly interval: number
  /** For all sites together. */
  readonly limits?: PaceLimits
  readonly clock?: Clock
  /** Another version is here as a whole. */
  readonly onHeld?: ((address: FullAddress) => void) | undefined
  readonly onWarning: (message: string) => void
}

/** The sites of others that this node keeps whole copies of, and serves. */
export class Mirrors {
  readonly #options: MirrorsOptions
  readonly #blocks: MirrorBlocks
  readonly #file: MirrorFile
  readonly #entries = new Map<string, Entry>()
  readonly #clock: Clock
  readonly #pace: MirrorPace
  readonly #abort = new AbortController()
  readonly #puts = new Set<string>()
  /** What publishers push to this node. */
  readonly pushes: Pushes
  /** One site after the other, and nothing is dropped meanwhile. */
  #turn: Promise<void> = Promise.resolve()
  #queued = new Set<string>()
  /** Those that wait for their turn. */
  #waiting = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: MirrorsOptions) {
    this.#options = options
    this.#clock = options.clock ?? SYSTEM_CLOCK
    this.#pace = new MirrorPace(options.limits ?? {}, this.#clock)
    this.#blocks = new MirrorBlocks(join(options.directory, 'blocks'))
    this.#file = new MirrorFile(join(options.directory, 'sites.json'))
    this.pushes = new Pushes({
      blocks: this.#blocks,
      siteOf: address => this.#pushed(address),
      pass: async (address, bytes, signal) => {
        const site = (): MirroredSite | undefined => this.#entries.get(formatAddress(address))?.site

        await this.#pace.gate({ site, isWaitedFor: () => false }).pass(bytes, signal)
      },
      onEnd: address => this.check(address)
    })
  }

  /** @throws {SyntaxError | TypeError} where the list is damaged */
  async start(): Promise<void> {
    await this.#blocks.open()
    for (const site of await this.#file.read()) {
      this.#entries.set(formatAddress(site.address), newEntry(site))
    }
    this.#tick()
    this.#timer = setInterval(() => this.#tick(), TICK).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#abort.abort()
    this.pushes.stop()
    await this.#turn
  }

  /** Mirrors a site from now on, or gives it another quota and pace; `isByPolicy` where nobody named it. */
  async add(
    address: FullAddress,
    quota: number,
    change: PaceChange = {},
    isByPolicy = false
  ): Promise<MirrorStatus> {
    const name = formatAddress(address)
    const known = this.#entries.get(name)

    if (known == null && this.#entries.size >= MAX_MIRRORED_SITES) {
      throw new MirrorRefusedError(
        `This node mirrors ${MAX_MIRRORED_SITES} sites, and no more: plexnet unmirror one first.`
      )
    }

    const entry = known ?? newEntry({ address, quota, limits: {}, since: this.#clock.now() })
    const limits = changedLimits(entry.site.limits, change)

    entry.site = { ...entry.site, quota, limits, isByPolicy }
    entry.failures = 0
    entry.resumes = undefined
    if (entry.state === 'failing') {
      entry.state = 'waiting'
      entry.failure = undefined
    }
    this.#entries.set(name, entry)
    await this.#save()
    this.check(address)

    return statusOf(entry)
  }

  /** @throws {NotMirroredError} */
  async remove(address: FullAddress): Promise<MirrorStatus> {
    const name = formatAddress(address)
    const entry = this.#entries.get(name)

    if (entry == null) throw new NotMirroredError(name)

    this.#entries.delete(name)
    this.#pace.forget(entry.site)
    await this.#save()
    this.#inTurn(async () => this.#sweep())
    await this.#turn

    return statusOf(entry)
  }

  list(): MirrorStatus[] {
    return [...this.#entries.values()].map(statusOf)
  }

  /** There may be news of a site; nothing where it is not mirrored. */
  check(address: FullAddress): void {
    const name = formatAddress(address)
    const entry = this.#entries.get(name)

    if (entry == null || this.#queued.has(name)) return

    this.#queued.add(name)
    this.#inTurn(async () => {
      this.#queued.delete(name)
      if (this.#entries.get(name) === entry) await this.#update(entry)
    })
  }

  /** The record of the version that is here as a whole. */
  record(address: FullAddress): VerifiedSite | undefined {
    return this.#entries.get(formatAddress(address))?.site.held?.site
  }

  has(cid: CID): boolean {
    return this.#blocks.has(cid)
  }

  /** A block of a mirrored site, checked. */
  async block(cid: CID): Promise<Uint8Array | undefined> {
    return this.#blocks.get(cid)
  }

  #pushed(address: FullAddress): PushedSite | undefined {
    const entry = this.#entries.get(formatAddress(address))

    if (entry == null) return undefined

    const { site, state } = entry
    const limits = [this.#options.limits ?? {}, site.limits]

    return {
      quota: site.quota,
      held: site.held?.site,
      isCopying: state === 'copying',
      isResting: untilAllowed(limits, new Date(this.#clock.now())) > 0
    }
  }

  #tick(): void {
    const now = this.#clock.now()

    for (const entry of this.#entries.values()) {
      if (now >= entry.nextCheck) this.check(entry.site.address)
      if (now >= entry.nextPut) void this.#announce(entry)
    }
  }

  #inTurn(act: () => Promise<void>): void {
    this.#waiting += 1
    this.#turn = this.#turn.then(async () => {
      this.#waiting -= 1

      return this.#tryTo(act)
    })
  }

  async #tryTo(act: () => Promise<void>): Promise<void> {
    if (this.#abort.signal.aborted) return

    await act().catch((error: unknown) => this.#options.onWarning(errorMessage(error)))
  }

  async #update(entry: Entry): Promise<void> {
    // Not again before this is over.
    entry.nextCheck = Number.POSITIVE_INFINITY
    entry.resumes = undefined

    try {
      await this.#follow(entry)
      entry.failures = 0
      entry.failure = undefined
      entry.state = 'current'
      entry.nextCheck = this.#clock.now() + CHECK_INTERVAL
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (error instanceof MirrorPausedError) {
        this.#pause(entry, error.until)

        return
      }

      entry.failures += 1
      entry.failure = errorMessage(error)
      entry.state = 'failing'
      entry.nextCheck = this.#clock.now() + retryDelay(entry.failures, CHECK_INTERVAL)
    }
  }

  /** What is here of the copy stays here. */
  #pause(entry: Entry, until: number): void {
    const now = this.#clock.now()

    entry.state = 'waiting'
    entry.failure = undefined
    entry.resumes = until > now ? until : undefined
    entry.nextCheck = until
    if (until <= now) this.check(entry.site.address)
  }

  async #follow(entry: Entry): Promise<void> {
    const { address, held, quota } = entry.site
    const newest = await this.#options.find(address)
    const site = newest != null && newest.seq >= (held?.site.seq ?? 0) ? newest : held?.site

    if (site == null) throw new Error('Nobody has a signed record of this site now.')

    entry.checked = this.#clock.now()
    if (held?.site.root.equals(site.root) !== true || entry.wholeAt !== this.#blocks.damaged) {
      entry.state = 'copying'
      entry.wholeAt = undefined
      entry.progress = await copyVersion({
        root: site.root,
        quota,
        blocks: this.#blocks,
        fetch: await this.#options.reader(site),
        gate: this.#pace.gate({
          site: () =>
            this.#entries.get(formatAddress(address)) === entry ? entry.site : undefined,
          isWaitedFor: () => this.#waiting > 0
        }),
        signal: this.#abort.signal,
        onProgress: progress => {
          entry.progress = progress
        }
      })
      entry.wholeAt = this.#blocks.damaged
    }
    await this.#hold(entry, site)
  }

  /** What is here as a whole is what is served from now on. */
  async #hold(entry: Entry, site: VerifiedSite): Promise<void> {
    const { held } = entry.site
    const { files, bytes } = entry.progress

    if (held?.site.seq === site.seq && held.site.expires === site.expires) return

    entry.site = { ...entry.site, held: { site, files, bytes } }
    await this.#save()
    entry.announced = 0
    entry.nextPut = 0
    this.#options.onHeld?.(entry.site.address)
    void this.#announce(entry)
    if (held != null && !held.site.root.equals(site.root)) await this.#sweep()
  }

  /** Removes blocks that no mirrored tree names; those of a version that is being copied count, as far as it is known. */
  async #sweep(): Promise<void> {
    const kept = new Set<string>()

    for (const { site } of this.#entries.values()) {
      // What is not whole yet has no root that is known here after a restart: nothing is removed then.
      if (site.held == null) return

      const { nodes, leaves } = await surveyTree(site.held.site.root, {
        quota: Number.POSITIVE_INFINITY,
        get: async cid => this.#blocks.get(cid)
      })

      for (const key of [...nodes.keys(), ...leaves.keys()]) kept.add(key)
    }

    for (const key of this.#blocks.keys()) {
      if (!kept.has(key) && !this.pushes.names(key)) await this.#blocks.delete(key)
    }
  }

  /** Puts the signed record where readers look for it, and tells that this node has the site. */
  async #announce(entry: Entry): Promise<void> {
    const { address, held } = entry.site
    const name = formatAddress(address)
    const { network } = this.#options

    if (held == null || network.routingTableSize() === 0 || this.#puts.has(name)) return

    this.#puts.add(name)

    try {
      const options = {
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PUT_TIMEOUT)])
      }

      await network.provide(mirrorKey(address), options)

      const { stored } =
        held.site.expires > this.#clock.now()
          ? await network.put(siteKey(address), held.site.bytes, options)
          : { stored: 1 }

      this.#schedulePut(entry, stored === 0)
    } catch {
      this.#schedulePut(entry, true)
    } finally {
      this.#puts.delete(name)
    }
    // A newer version has come meanwhile.
    if (entry.site.held !== held) entry.nextPut = 0
  }

  #schedulePut(entry: Entry, hasFailed: boolean): void {
    if (!hasFailed) entry.announced += 1

    entry.nextPut =
      this.#clock.now() + nextAnnouncement(entry.announced, this.#options.interval, hasFailed).delay
  }

  async #save(): Promise<void> {
    await this.#file.write([...this.#entries.values()].map(({ site }) => site))
  }
}
