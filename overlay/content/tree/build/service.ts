import { Dirty } from '../dirty.ts'
import type { Entry, FileEntry, FolderRecord } from '../entry.ts'
import { SiteFolderGoneError, SiteTooLargeError } from '../errors.ts'
import { MAX_NAMES, type FoundFolder, type LeftOut, type Look, type LookJob } from '../look/job.ts'
import type { FileStat } from '../look/found-file.ts'
import { unpackFiles } from '../look/packed-files.ts'
import { FolderEdit } from './folder-edit.ts'
import {
  FolderWork,
  type FolderWorkOptions,
  type Place,
  type TreeIndex
} from './folder-work/service.ts'

/** Files and folders of a site: above it the folder is a mistake, or its links go in circles. */
export const MAX_ENTRIES = 1_000_000

/** Folders that are looked at side by side, so that the thread that reads never waits for the index to be written. */
const SIDE_BY_SIDE = 16

export interface BuildOptions extends FolderWorkOptions {
  /** Real path of the folder. */
  readonly root: string
  readonly look: (job: LookJob) => Promise<Look>
  readonly followLinks: boolean
  /** There is nothing in the store, so that nothing need be read from it. */
  readonly isNew: boolean
  /** Whether a file is hashed though its stat is the one that is known: one write may last longer than its mtime tells. */
  readonly isDoubtful: (path: string) => boolean
  /** A folder is about to be read: what changes from now on is to be told. */
  readonly onFolder: (path: readonly string[], real: string) => void
  /** A link to a file: nothing tells when its target changes. */
  readonly onLink: (path: readonly string[]) => void
  readonly onLeftOut: (leftOut: LeftOut) => void
}

export interface Built {
  readonly record: FolderRecord
  /** Files that change just now, and are as before in the tree until they are read. */
  readonly changing: readonly (readonly string[])[]
}

/** Brings the tree in step with the folder: one run over what may have changed. */
export class TreeBuild {
  readonly #options: BuildOptions
  readonly #ignoreFile: string
  readonly #changing: (readonly string[])[] = []
  #spare = SIDE_BY_SIDE - 1
  #entries = 0

  constructor(options: BuildOptions, ignoreFile: string) {
    this.#options = options
    this.#ignoreFile = ignoreFile
  }

  /**
   * @throws {SiteFolderGoneError | SiteTooLargeError | MissingNodeError}
   * What LevelDB throws where the disk is full.
   */
  async run(dirty: Dirty): Promise<Built> {
    const { root } = this.#options
    const record = await this.#folder({ path: [], chain: [root] }, dirty)

    if (typeof record === 'string') throw new SiteFolderGoneError(root, record)

    return { record, changing: this.#changing }
  }

  /** The new record of a folder, or why it cannot be read. */
  async #folder(place: Place, dirty: Dirty): Promise<FolderRecord | string> {
    const { store, isNew } = this.#options
    const key = place.path.join('/')

    this.#options.onFolder(place.path, place.chain.at(-1) ?? '')

    const record = isNew ? undefined : await store.folder(key)
    const isWhole = dirty.isWhole || record == null || record.isUnfinished
    const names = isWhole ? undefined : dirty.names
    const before = isNew ? new Map<string, Entry>() : await readEntries(store, key, names)
    const edit = new FolderEdit(record, before, async () =>
      names == null ? before : store.allEntries(key)
    )
    const work = new FolderWork(this.#options, place, { record, before, edit })
    const gone = new Set(names ?? before.keys())

    for await (const look of this.#looks(place, names, before)) {
      if (look.state === 'gone') return look.reason

      await this.#take(look, work, isWhole ? Dirty.whole() : dirty, gone)
    }

    for (const name of gone) await work.remove(name)

    return work.finish()
  }

  /** The folder in parts that one look takes each. */
  async *#looks(
    { path, chain }: Place,
    names: readonly string[] | undefined,
    before: ReadonlyMap<string, Entry>
  ): AsyncGenerator<Exclude<Look, { state: 'many' }>> {
    const { root, followLinks, look } = this.#options
    const job = { root, path, chain, followLinks, ignoreFile: this.#ignoreFile }
    const first = await look({
      ...job,
      names,
      // A folder of very many names is only listed at first.
      known: before.size > MAX_NAMES && names == null ? new Map() : this.#known(path, before)
    })

    for (const leftOut of 'leftOut' in first ? first.leftOut : []) this.#options.onLeftOut(leftOut)
    if (first.state !== 'many') {
      yield first

      return
    }

    for (let at = 0; at < first.names.length; at += MAX_NAMES) {
      const part = first.names.slice(at, at + MAX_NAMES)
      const known = new Map(part.flatMap(name => entryWith(before, name)))
      const next = await look({ ...job, names: part, known: this.#known(path, known) })

      for (const leftOut of 'leftOut' in next ? next.leftOut : []) this.#options.onLeftOut(leftOut)
      if (next.state !== 'many') yield next
    }
  }

  async #take(
    look: Extract<Look, { state: 'looked' }>,
    work: FolderWork,
    dirty: Dirty,
    gone: Set<string>
  ): Promise<void> {
    const { path } = work.place
    const below: Promise<void>[] = []

    this.#count(look.files.names.length + look.folders.length + look.same.length)
    for (const name of [...look.same, ...look.changing]) gone.delete(name)
    for (const name of look.same) if (work.isLink(name)) this.#options.onLink([...path, name])
    this.#changing.push(...look.changing.map(name => [...path, name]))

    for (const file of unpackFiles(look.files)) {
      gone.delete(file.name)
      if (file.isLink) this.#options.onLink([...path, file.name])
      await work.setFile(file)
    }

    for (const folder of look.folders) {
      const descent = this.#descend(folder, work, dirty, gone)

      // Should another one fail first, nobody waits for this one any more.
      descent.catch(() => undefined)
      if (this.#spare > 0) below.push(this.#aside(descent))
      else await descent
    }

    await Promise.all(below)
  }

  async #aside(descent: Promise<void>): Promise<void> {
    this.#spare -= 1
    try {
      await descent
    } finally {
      this.#spare += 1
    }
  }

  async #descend(
    found: FoundFolder,
    work: FolderWork,
    dirty: Dirty,
    gone: Set<string>
  ): Promise<void> {
    const { name, isLink, ino, real } = found
    const { path, chain } = work.place
    const old = work.before.get(name)
    const isKnown = old?.kind === 'folder' && old.ino === ino && old.isLink === isLink
    const below = dirty.child(name)

    if (isKnown && (below == null || below.isClean)) {
      gone.delete(name)

      return
    }
    // Another folder in the place of the one that was there.
    if (!isKnown && old != null) this.#options.onFolderGone([...path, name])

    const place = {
      path: [...path, name],
      chain: isLink ? [...chain, real] : [...chain.slice(0, -1), real]
    }
    const record = await this.#folder(place, isKnown && below != null ? below : Dirty.whole())

    if (typeof record === 'string') {
      this.#options.onLeftOut({ path: place.path.join('/'), reason: record })

      return
    }

    gone.delete(name)
    await work.setFolder(name, {
      kind: 'folder',
      isLink,
      ino,
      linked: record.linked,
      totals: record.totals
    })
  }

  /** What was hashed of these, and may be taken as it was. */
  #known(path: readonly string[], entries: ReadonlyMap<string, Entry>): Map<string, FileStat> {
    const { isDoubtful } = this.#options

    return new Map(
      [...entries].flatMap(([name, entry]) =>
        isFile(entry) && !isDoubtful([...path, name].join('/')) ? [[name, entry.stat]] : []
      )
    )
  }

  #count(entries: number): void {
    this.#entries += entries
    if (this.#entries > MAX_ENTRIES) throw new SiteTooLargeError(this.#options.root, MAX_ENTRIES)
  }
}

async function readEntries(
  store: TreeIndex,
  folder: string,
  names: readonly string[] | undefined
): Promise<Map<string, Entry>> {
  return names == null ? store.allEntries(folder) : store.entries(folder, names)
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.kind === 'file'
}

function entryWith(
  entries: ReadonlyMap<string, Entry>,
  name: string
): [name: string, entry: Entry][] {
  const entry = entries.get(name)

  return entry == null ? [] : [[name, entry]]
}
