import { constants } from 'node:fs'
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Coding } from './coding.ts'
import { HotFile, type OpenFile } from './file.ts'
import type { ListedName } from './listing.ts'
import { isServed, isWithin, readSitePath } from './path.ts'
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

const INDEX = 'index.html'

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

const MISSING = { kind: 'missing' } as const
const FOLDER = { kind: 'folder' } as const

// O_NONBLOCK: opening a FIFO would wait for its other end.
const READ = constants.O_RDONLY | constants.O_NONBLOCK

/** The folder that is published, small files of it kept in memory. */
export class SiteStore {
  readonly #options: SiteStoreOptions
  readonly #now: () => number
  readonly #entries: LRUCache<string, Entry>
  readonly #looks = new Map<string, Promise<boolean>>()
  #variants: VariantStore | undefined
  #root: string | undefined

  constructor(options: SiteStoreOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#entries = new LRUCache({
      maxSize: options.hotBytes * (1 - VARIANT_SHARE),
      sizeCalculation: ({ hot }) => hot.content.length + ENTRY_COST
    })
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
    this.#root = root === undefined ? undefined : await realpath(root)
    this.#entries.clear()
    this.#variants?.clear()
  }

  /** Looks at every file again before it is answered from memory. */
  refresh(): void {
    for (const entry of this.#entries.values()) {
      entry.checked = -Infinity
    }
  }

  /** The file at a path, where it is in memory and was looked at a moment ago. */
  hot(path: string): HotFile | undefined {
    const entry = this.#entries.get(path)

    return entry !== undefined && this.#now() - entry.checked < CHECK_INTERVAL
      ? entry.hot
      : undefined
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
    const isSame = facts !== undefined && etagOf(facts) === entry.hot.representation.etag

    this.#looks.delete(path)

    if (isSame) {
      entry.checked = this.#now()
    } else {
      this.#entries.delete(path)
    }

    return isSame
  }

  async #read(path: string): Promise<Found> {
    const wanted = readSitePath(path)
    const root = this.#root

    if (wanted.kind === 'bad') {
      return wanted
    }

    if (root === undefined || wanted.kind === 'none') {
      return MISSING
    }

    const file = join(root, ...wanted.names, ...(wanted.isFolder ? [INDEX] : []))

    const found = await opened(file, async handle => this.#judge(path, file, root, handle))

    if (!wanted.isFolder || (found.kind !== 'missing' && found.kind !== 'folder')) {
      return found
    }

    return this.#options.listing === true ? this.#list(root, dirname(file)) : MISSING
  }

  async #list(root: string, folder: string): Promise<Found> {
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
        .filter(entry => isServed(entry.name))
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
    if (this.#root === root) {
      this.#entries.set(path, { hot, checked: this.#now() })
    }

    return hot
  }
}

function onlyIdentity(codings: readonly (Coding | 'identity')[]): readonly 'identity'[] {
  return codings.includes('identity') ? ['identity'] : []
}

/** Opens a file for `judge`, which decides whether it stays open. */
async function opened<F extends Found>(
  file: string,
  judge: (handle: FileHandle) => Promise<F>
): Promise<F | typeof MISSING> {
  const handle = await open(file, READ).catch(() => undefined)

  if (handle === undefined) {
    return MISSING
  }

  const found = await judge(handle).catch(() => MISSING)

  if (found.kind !== 'open') {
    await handle.close()
  }

  return found
}

/** Whether what was opened lies in the folder: checked after opening, so that a link that changes meanwhile leads nowhere else. */
async function leadsInto(
  root: string,
  file: string,
  handle: { dev: bigint; ino: bigint }
): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined)

  if (real === undefined || !isWithin(root, real)) {
    return false
  }

  const facts = await stat(real, { bigint: true }).catch(() => undefined)

  return facts !== undefined && facts.dev === handle.dev && facts.ino === handle.ino
}
