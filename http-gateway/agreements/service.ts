import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../../identity/index.ts'
import type {
  Agreement,
  Drop,
  ListedMirror,
  VerifiedMirror
} from '../../overlay/agreements/index.ts'
import type { AgreementKeeper } from './keeper/service.ts'
import type { CheckThroughOthers } from './mirror-check.ts'
import type { MirrorMap } from './mirror-map.ts'
import type { AgreementSettings, AgreementsOptions } from './settings.ts'

const FILE = 'agreements.json'

/** Who mirrors the own site by agreement; nothing of it is loaded before there is an offer, or an agreement from before. */
export class Agreements {
  readonly #options: AgreementsOptions
  #keeper: AgreementKeeper | undefined
  #opening: Promise<AgreementKeeper | undefined> | undefined
  #check: CheckThroughOthers | undefined
  #isClosed = false
  readonly #listeners = new Set<() => void>()

  constructor(options: AgreementsOptions) {
    this.#options = options
  }

  /** Those whom clients are told of now, the first to be asked first. */
  get listedMirrors(): readonly ListedMirror[] {
    return this.#keeper?.listedMirrors ?? []
  }

  /** What answers say of them; undefined where there are none. */
  get map(): MirrorMap | undefined {
    return this.#keeper?.map
  }

  /** All that stand, and those that were dropped lately. */
  get all(): readonly Agreement[] {
    return this.#keeper?.all ?? []
  }

  /** How what mirrors serve is compared with the tree through other nodes, before it is from here. */
  checkBy(check: CheckThroughOthers): void {
    this.#check = check
  }

  /** Called whenever those who are listed change, from now on; what is returned ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)

    return () => this.#listeners.delete(listener)
  }

  /** Takes up the agreements of the last run. */
  async start(): Promise<void> {
    const { settings, logger } = this.#options

    if (settings === undefined) return

    try {
      const isKnown = await access(join(settings.directory, FILE)).then(
        () => true,
        () => false
      )

      if (isKnown || settings.named.length > 0) await this.open()
    } catch (error) {
      logger.warn({ reason: errorMessage(error) }, 'the agreements with mirrors cannot be read')
    }
  }

  /** What a Will-Mirror field of a request is answered with. */
  async consider(field: string): Promise<string> {
    const keeper = await this.open()

    return keeper === undefined ? 'refused;reason=busy' : keeper.consider(field)
  }

  /** A node announces that it mirrors the own site, or does so no longer. */
  async hear(record: VerifiedMirror): Promise<void> {
    // Who ends what was never agreed is no news.
    if (this.#keeper !== undefined || !record.isWithdrawn) (await this.open())?.hear(record)
  }

  /** Clients are sent to this mirror no more; undefined where there is none of this id. */
  async drop(id: string, drop: Drop): Promise<Agreement | undefined> {
    return (await this.open())?.drop(id, drop)
  }

  /** The site has a new version. */
  refresh(): void {
    this.#keeper?.refresh()
  }

  /** The part that does the work; undefined where no agreements are made. */
  async open(): Promise<AgreementKeeper | undefined> {
    if (this.#options.settings === undefined || this.#isClosed) return undefined

    this.#opening ??= this.#load(this.#options.settings).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })

    return this.#opening
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await (await this.#opening?.catch(() => undefined))?.close()
  }

  async #load(settings: AgreementSettings): Promise<AgreementKeeper> {
    const { AgreementKeeper: Keeper } = await import('./keeper/service.ts')
    const keeper = new Keeper({
      ...this.#options,
      ...settings,
      file: join(settings.directory, FILE),
      check: () => this.#check,
      onListed: () => {
        for (const listener of this.#listeners) listener()
      }
    })

    await keeper.start()
    this.#keeper = keeper

    return keeper
  }
}
