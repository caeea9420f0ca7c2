import { checkSiteFolder, rememberedSite, rememberSite } from './site-state.ts'

export interface OwnSiteOptions {
  /** Where the node remembers what it publishes. */
  readonly data: string
  /** Serves a folder, or none. */
  readonly serve: (root: string | undefined) => Promise<void>
  /** Refuses a folder that must not be published. */
  readonly check: (root: string) => Promise<void>
}

/** The folder that this node publishes, remembered across restarts. */
export class OwnSite {
  readonly #options: OwnSiteOptions
  #root: string | undefined
  #remembered: string | undefined

  constructor(options: OwnSiteOptions) {
    this.#options = options
  }

  get root(): string | undefined {
    return this.#root
  }

  /** What the last run published, also where it has gone since. */
  get remembered(): string | undefined {
    return this.#remembered
  }

  /**
   * Publishes a folder in place of what was published before, and returns its real path.
   *
   * @throws {SiteFolderError}
   */
  async publish(folder: string): Promise<string> {
    const root = await checkSiteFolder(folder)

    await this.#options.check(root)
    await this.#options.serve(root)
    await rememberSite(this.#options.data, root)
    this.#root = root

    return root
  }

  async unpublish(): Promise<void> {
    await this.#options.serve(undefined)
    await rememberSite(this.#options.data, undefined)
    this.#root = undefined
  }

  /**
   * Serves what the last run published.
   *
   * @throws {SiteFolderError} where the folder has gone
   */
  async restore(): Promise<void> {
    const remembered = await rememberedSite(this.#options.data)

    this.#remembered = remembered
    if (remembered == null) return

    const root = await checkSiteFolder(remembered)

    await this.#options.check(root)
    await this.#options.serve(root)
    this.#root = root
  }
}
