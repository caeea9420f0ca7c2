import { readdir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LRUCache } from 'lru-cache'
import { AtOnce } from './at-once/store.ts'
import { onlyIdentity, type Coding } from './coding.ts'
import { HotFile, type OpenFile } from './file.ts'
import type { ListedName } from './listing.ts'
import { leadsInto, MISSING, opened } from './opening/store.ts'
import { fileOf } from './path.ts'
import { PublicPaths } from './public-paths/store.ts'
import { etagOf, representationOf } from './representation.ts'
import type { VariantStore } from './variants/store.ts'

export type Found =
  | HotFile
  | OpenFile
  | { readonly kind: 'folder' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'listing'; readonly names: readonly ListedName[] }
  | { readonly kind: 'bad'; readonly reason: string }

export interface SiteStoreOptions {
  readonly server: string
  readonly hotFileSize: number
  readonly hotBytes: number
  /** List folders that have no index. */
  readonly listing?: boolean | undefined
  /** ms, from any start */
  readonly now?: () => number
}

interface Entry {
  readonly hot: HotFile
  /** When the file was looked at. */
  checked: number
}

// A change to a file shows within this time, in ms; until then a request for it needs no system call.
const CHECK_INTERVAL = 1000

// A path takes memory too, besides the bytes of its file.
const ENTRY_COST = 1024

// Of the memory for files, the part for their coded variants.
const VARIANT_SHARE = 1 / 4

// The largest file that is coded on demand, in bytes; it takes some tens of ms in a thread of its own, once.
const MAX_CODED = 2 * 1024 * 1024

// A page of more names is of no use to anybody.
const MAX_LISTED = 10_000

const FOLDER = { kind: 'folder' } as const

/** The folder that is published, small files of it kept in memory. */
export class SiteStore {
  readonly #options: SiteStoreOptions
  readonly #now: () => number
  readonly #entries: LRUCache<string, Entry>
  readonly #paths = new PublicPaths()
  readonly #looks = new Map<string, Promise<boolean>>()
  /** Reads without leaving the thread. */
  readonly atOnce: AtOnce
  #variants: VariantStore | undefined
  #root: string | undefined

  constructor(options: SiteStoreOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#entries = new LRUCache({
      maxSize: options.hotBytes * (1 - VARIANT_SHARE),
      sizeCalculation: ({ hot }) => hot.content.length + ENTRY_COST
    })
    this.atOnce = new AtOnce({ ...options, maxSize: options.hotFileSize, now: this.#now })
  }

  get root(): string | undefined {
    return this.#root
  }

  get isEmpty(): boolean {
    return this.#root === undefined
  }

  get hotFiles(): { count: number; bytes: number } {
    return { count: this.#entries.size, bytes: this.#entries.calculatedSize }
  }

  /** @throws where the folder cannot be read */
  async publish(root: string | undefined): Promise<void> {
    const real = root === undefined ? undefined : await realpath(root)

    await Promise.all([this.atOnce.prepare(real), this.#paths.load(real)])
    this.#root = real
    this.#entries.clear()
    this.#variants?.clear()
  }

  /** Looks at every file again before it is answered from memory. */
  refresh(): void {
    for (const entry of this.#entries.values()) {
      entry.checked = -Infinity
    }
  }

  /** The file at a path, where it is in memory and was looked at a moment ago, or can be at once. */
  hot(path: string): HotFile | undefined {
    const entry = this.#entries.get(path)

    return entry !== undefined &&
      (this.#now() - entry.checked < CHECK_INTERVAL || this.#isFreshAtOnce(path, entry))
      ? entry.hot
      : undefined
  }

  /** As `find`, where that takes no longer than to hand it to another thread. */
  findAtOnce(path: string): HotFile | typeof MISSING | undefined {
    const wanted = this.#paths.read(path)
    const root = this.#root

    if (root === undefined || wanted.kind !== 'entry' || !this.atOnce.isReady) {
      return undefined
    }

    const known = this.hot(path)

    if (known !== undefined) {
      return known
    }

    const found = this.atOnce.read(root, fileOf(root, wanted))

    if (found === 'missing') {
      // A folder without an index may be listed.
      return wanted.isFolder ? undefined : MISSING
    }

    return found === undefined ? undefined : this.#keep(path, found)
  }

  #isFreshAtOnce(path: string, entry: Entry): boolean {
    return this.atOnce.isReady && this.#judgeLook(path, entry, this.atOnce.tagOf(entry.hot.file))
  }

  /** The best of the codings, where it is in memory. */
  selectHot(original: HotFile, codings: readonly (Coding | 'identity')[]): HotFile | undefined {
    for (const coding of original.representation.isCompressible ? codings : onlyIdentity(codings)) {
      if (coding === 'identity') {
        return original
      }

      const variant = this.#variants?.hot(original, coding)

      // What is not known yet may be better than the next.
      if (variant !== 'plain') {
        return variant
      }
    }

    return undefined
  }

  /** The best of the codings, in exchange for `original`; undefined, and `original` closed, where the file exists in none of them. */
  async select(
    original: HotFile | OpenFile,
    codings: readonly (Coding | 'identity')[]
  ): Promise<HotFile | OpenFile | undefined> {
    let selected: HotFile | OpenFile | undefined

    try {
      for (const coding of original.representation.isCompressible
        ? codings
        : onlyIdentity(codings)) {
        selected =
          coding === 'identity'
            ? original
            : await (await this.#loadVariants()).find(original, coding)

        if (selected !== undefined) {
          return selected
        }
      }
    } finally {
      if (selected !== original && original.kind === 'open') {
        await original.handle.close()
      }
    }

    return undefined
  }

  /** What is at a path as it stands in a request, without its query. */
  async find(path: string): Promise<Found> {
    const entry = this.#entries.get(path)

    return entry !== undefined && (await this.#isFresh(path, entry)) ? entry.hot : this.#read(path)
  }

  /** Requests that come during a look at the file share it. */
  async #isFresh(path: string, entry: Entry): Promise<boolean> {
    const look = this.#looks.get(path) ?? this.#look(path, entry)

    this.#looks.set(path, look)

    return look
  }

  async #look(path: string, entry: Entry): Promise<boolean> {
    const facts = await stat(entry.hot.file, { bigint: true }).catch(() => undefined)

    this.#looks.delete(path)

    return this.#judgeLook(path, entry, facts === undefined ? undefined : etagOf(facts))
  }

  /** Whether a file is still the one in memory. */
  #judgeLook(path: string, entry: Entry, etag: string | undefined): boolean {
    const isSame = etag === entry.hot.representation.etag

    if (isSame) {
      entry.checked = this.#now()
    } else {
      this.#entries.delete(path)
    }

    return isSame
  }

  async #read(path: string): Promise<Found> {
    const wanted = this.#paths.read(path)
    const root = this.#root

    if (wanted.kind === 'bad') {
      return wanted
    }

    if (root === undefined || wanted.kind === 'none') {
      return MISSING
    }

    const file = fileOf(root, wanted)
    const found = await opened(file, async handle => this.#judge(path, file, root, handle))

    if (!wanted.isFolder || (found.kind !== 'missing' && found.kind !== 'folder')) {
      return found
    }

    return this.#options.listing === true ? this.#list(root, dirname(file), wanted.names) : MISSING
  }

  async #list(root: string, folder: string, names: readonly string[]): Promise<Found> {
    const beside = await opened(folder, async handle => this.#judgeFile(folder, root, handle))

    if (beside.kind === 'open') {
      await beside.handle.close()
    }

    if (beside.kind !== 'folder') {
      return MISSING
    }

    const entries = await readdir(folder, { withFileTypes: true })

    return {
      kind: 'listing',
      names: entries
        .filter(entry => this.#paths.isListed(names, entry.name, entry.isDirectory()))
        .slice(0, MAX_LISTED)
        .map(entry => ({ name: entry.name, isFolder: entry.isDirectory() }))
    }
  }

  /** A start of the node has no use for them. */
  async #loadVariants(): Promise<VariantStore> {
    const { VariantStore: Store } = await import('./variants/store.ts')

    this.#variants ??= new Store({
      bytes: this.#options.hotBytes * VARIANT_SHARE,
      maxFileSize: MAX_CODED,
      open: async file => this.#openBeside(file)
    })

    return this.#variants
  }

  async #openBeside(file: string): Promise<OpenFile | undefined> {
    const root = this.#root

    if (root === undefined) {
      return undefined
    }

    const found = await opened(file, async handle => this.#judgeFile(file, root, handle))

    return found.kind === 'open' ? found : undefined
  }

  async #judge(path: string, file: string, root: string, handle: FileHandle): Promise<Found> {
    const found = await this.#judgeFile(file, root, handle)

    return found.kind === 'open' && found.representation.size <= this.#options.hotFileSize
      ? this.#heat(path, root, found)
      : found
  }

  async #judgeFile(
    file: string,
    root: string,
    handle: FileHandle
  ): Promise<OpenFile | typeof FOLDER | typeof MISSING> {
    const facts = await handle.stat({ bigint: true })

    if (!(await leadsInto(root, file, facts))) {
      return MISSING
    }

    if (!facts.isFile()) {
      return facts.isDirectory() ? FOLDER : MISSING
    }

    const representation = representationOf(file, facts, this.#options.server)

    return { kind: 'open', file, representation, handle }
  }

  async #heat(path: string, root: string, found: OpenFile): Promise<Found> {
    const { file, representation, handle } = found
    const { size, etag } = representation
    const content = Buffer.allocUnsafe(size)
    const { bytesRead } = await handle.read(content, 0, size, 0)

    // A file that is being written is sent as it is found, and not remembered.
    if (bytesRead !== size || etagOf(await handle.stat({ bigint: true })) !== etag) {
      return found
    }

    const hot = new HotFile(file, representation, content)

    // Another folder may have been published meanwhile.
    return this.#root === root ? this.#keep(path, hot) : hot
  }

  #keep(path: string, hot: HotFile): HotFile {
    this.#entries.set(path, { hot, checked: this.#now() })

    return hot
  }
}
