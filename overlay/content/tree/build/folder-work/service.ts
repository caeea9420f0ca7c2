import { decode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DAG_PB } from '../../../block.ts'
import type { Blocks } from '../../blocks.ts'
import { editDirectory } from '../../directory.ts'
import type { Entry, FolderEntry, FolderRecord } from '../../entry.ts'
import { MissingNodeError } from '../../errors.ts'
import { FileDag, LEAF_BYTES } from '../../file-dag.ts'
import type { FoundFile } from '../../look/found-file.ts'
import { leafCid, type Block } from '../../node.ts'
import { TreeBatch, type TreeStore } from '../../store.ts'
import { isSameEntry, UNFINISHED, type FolderEdit } from '../folder-edit.ts'

/** Changes that are written before a folder is finished. */
const MAX_BATCH = 4000

/** After so many nodes others have their turn. */
const NODES_IN_ONE_TURN = 32

const DIGEST_BYTES = 32

/** What of the store a build needs. */
export type TreeIndex = Pick<TreeStore, 'folder' | 'entries' | 'allEntries' | 'block' | 'write'>

export interface FolderWorkOptions {
  readonly store: TreeIndex
  readonly onFolderGone: (path: readonly string[]) => void
  /** A file was hashed. */
  readonly onFile: (bytes: number) => void
}

/** A folder on the way down. */
export interface Place {
  readonly path: readonly string[]
  /** As in `LookJob`. */
  readonly chain: readonly string[]
}

/** What a folder was, and what is to become of it. */
export interface FolderState {
  readonly record: FolderRecord | undefined
  readonly before: ReadonlyMap<string, Entry>
  readonly edit: FolderEdit
}

/** One folder while it is brought up to date: its changes go to the disk together with its new node. */
export class FolderWork implements Blocks {
  readonly place: Place
  readonly before: ReadonlyMap<string, Entry>
  readonly #options: FolderWorkOptions
  readonly #key: string
  readonly #edit: FolderEdit
  readonly #record: FolderRecord | undefined
  #batch = new TreeBatch()
  #emitted = 0

  constructor(options: FolderWorkOptions, place: Place, { record, before, edit }: FolderState) {
    this.place = place
    this.before = before
    this.#options = options
    this.#key = place.path.join('/')
    this.#edit = edit
    this.#record = record
  }

  /** Whether a name was a symbolic link when it was looked at before. */
  isLink(name: string): boolean {
    return this.before.get(name)?.isLink === true
  }

  async setFile({ name, isLink, stat, digests }: FoundFile): Promise<void> {
    await this.#forget(name, this.before.get(name))

    const dag = new FileDag(block => this.#batch.putBlock(block))
    const path = this.#pathOf(name)
    const seen = new Set<string>()

    for (let at = 0; at < digests.length; at += DIGEST_BYTES) {
      const digest = digests.subarray(at, at + DIGEST_BYTES)
      const index = at / DIGEST_BYTES
      const cid = leafCid(digest)

      dag.addLeaf(digest, Math.min(LEAF_BYTES, stat.size - index * LEAF_BYTES))
      if (digests.length > DIGEST_BYTES && seen.has(cid.toString())) continue

      if (digests.length > DIGEST_BYTES) seen.add(cid.toString())
      this.#batch.putPlace(cid, path, index)
      await this.#flushSome()
    }

    this.#set(name, { kind: 'file', isLink, stat, linked: dag.end() })
    this.#options.onFile(stat.size)
  }

  async setFolder(name: string, entry: FolderEntry): Promise<void> {
    const old = this.before.get(name)

    if (isSameEntry(old, entry)) return
    if (old?.kind === 'file') await this.#forget(name, old)
    this.#set(name, entry)
    await this.#flushSome()
  }

  async remove(name: string): Promise<void> {
    const old = this.before.get(name)

    if (old == null) return
    await this.#forget(name, old)
    this.#edit.set(name, undefined)
    this.#batch.deleteEntry(this.#key, name)
    await this.#flushSome()
  }

  async finish(): Promise<FolderRecord> {
    if (this.#record != null && this.#edit.isEmpty) return this.#record

    const { record, edit } = await this.#edit.plan()
    const linked =
      edit == null ? (this.#record ?? UNFINISHED).linked : await editDirectory(edit, this)
    const finished = { ...record, linked: { cid: linked.cid, size: linked.size } }

    this.#batch.putFolder(this.#key, finished)
    await this.#options.store.write(this.#batch)

    return finished
  }

  async load(cid: CID): Promise<Uint8Array> {
    const bytes = this.#batch.block(cid) ?? (await this.#options.store.block(cid))

    if (bytes == null) throw new MissingNodeError(cid.toString())

    return bytes
  }

  async emit(block: Block): Promise<void> {
    this.#batch.putBlock(block)
    this.#emitted += 1
    if (this.#emitted % NODES_IN_ONE_TURN === 0) await this.pause()
    await this.#flushSome()
  }

  async pause(): Promise<void> {
    await nextTurn()
  }

  #set(name: string, entry: Entry): void {
    this.#edit.set(name, entry)
    this.#batch.putEntry(this.#key, name, entry)
  }

  #pathOf(name: string): string {
    return this.#key === '' ? name : `${this.#key}/${name}`
  }

  /** Until its node is made the record tells that the entries are ahead of it, in case that the process ends here. */
  async #flushSome(): Promise<void> {
    if (this.#batch.operations.length < MAX_BATCH) return

    const batch = this.#batch

    this.#batch = new TreeBatch()
    batch.putFolder(this.#key, { ...(this.#record ?? UNFINISHED), isUnfinished: true })
    await this.#options.store.write(batch)
  }

  async #forget(name: string, old: Entry | undefined): Promise<void> {
    if (old?.kind === 'file') await this.#forgetPlaces(this.#pathOf(name), old.linked.cid)
    if (old?.kind === 'folder') await this.#forgetFolder([...this.place.path, name])
  }

  async #forgetFolder(path: readonly string[]): Promise<void> {
    const { store, onFolderGone } = this.#options
    const key = path.join('/')

    onFolderGone(path)
    // First, so that a folder of this name never finds a record whose entries have gone.
    this.#batch.deleteFolder(key)

    for (const [name, entry] of await store.allEntries(key)) {
      if (entry.kind === 'folder') await this.#forgetFolder([...path, name])
      else await this.#forgetPlaces([...path, name].join('/'), entry.linked.cid)

      this.#batch.deleteEntry(key, name)
      await this.#flushSome()
    }
  }

  async #forgetPlaces(path: string, cid: CID): Promise<void> {
    if (cid.code !== DAG_PB) {
      this.#batch.deletePlace(cid, path)

      return
    }

    for (const { Hash } of decode(await this.load(cid)).Links) {
      await this.#forgetPlaces(path, Hash)
      await this.#flushSome()
    }
  }
}
