import { LevelDatastore } from 'datastore-level'
import type { CID } from 'multiformats/cid'
import { rm } from 'node:fs/promises'
import { toString } from 'uint8arrays'
import { TreeStoreError } from './errors.ts'
import {
  decodeEntry,
  decodeRecord,
  encodeEntry,
  encodeRecord,
  type Entry,
  type FolderRecord
} from './entry.ts'
import type { Block } from './node.ts'

/** Raised when what is stored changes its form: an older store is built anew. */
const FORMAT = '1'

/** Places of one leaf that are tried: where a thousand files are equal, one of them will do. */
const MAX_PLACES = 8

/** Keys that are read from LevelDB at once. */
const READ_AHEAD = 1000

/** In memory until LevelDB writes them to a table, in bytes. */
const WRITE_BUFFER = 2 << 20
const CACHE = 2 << 20

/** Where the bytes of a leaf are. */
export interface LeafPlace {
  /** From the root of the site, with slashes. */
  readonly path: string
  /** Which leaf of the file. */
  readonly index: number
}

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/*
 *   m                        what this is a tree of
 *   b<digest>                a node of the tree
 *   d<folder>                the record of a folder
 *   e<folder> NUL <name>     an entry of a folder
 *   l<digest> NUL <file>     a place of a leaf
 */
/** Changes that take hold together, or not at all. */
export class TreeBatch {
  readonly operations: Operation[] = []
  readonly #blocks = new Map<string, Uint8Array>()

  putBlock({ cid, bytes }: Block): void {
    this.#blocks.set(digestOf(cid), bytes)
    this.#put(`b${digestOf(cid)}`, bytes)
  }

  /** A block of this batch. */
  block(cid: CID): Uint8Array | undefined {
    return this.#blocks.get(digestOf(cid))
  }

  putFolder(path: string, record: FolderRecord): void {
    this.#put(`d${path}`, encodeRecord(record))
  }

  deleteFolder(path: string): void {
    this.#delete(`d${path}`)
  }

  putEntry(folder: string, name: string, entry: Entry): void {
    this.#put(`e${folder}\0${name}`, encodeEntry(entry))
  }

  deleteEntry(folder: string, name: string): void {
    this.#delete(`e${folder}\0${name}`)
  }

  putPlace(leaf: CID, path: string, index: number): void {
    this.#put(`l${digestOf(leaf)}\0${path}`, Buffer.from(String(index)))
  }

  deletePlace(leaf: CID, path: string): void {
    this.#delete(`l${digestOf(leaf)}\0${path}`)
  }

  #put(key: string, value: Uint8Array): void {
    this.operations.push({ type: 'put', key, value })
  }

  #delete(key: string): void {
    this.operations.push({ type: 'del', key })
  }
}

/** The nodes of a tree and the index by which it is kept up to date; all of it can be made again from the folder. */
export class TreeStore {
  readonly #db: LevelDatastore['db']
  #isNew = false

  private constructor(db: LevelDatastore['db']) {
    this.#db = db
  }

  /**
   * The store under `folder`, emptied where it is damaged or of another site.
   *
   * @throws {TreeStoreError}
   */
  static async open(folder: string, site: string): Promise<TreeStore> {
    try {
      const store = new TreeStore(await openLevel(folder))

      await store.#claim(`${FORMAT} ${site}`)

      return store
    } catch (cause) {
      throw new TreeStoreError(folder, cause)
    }
  }

  /**
   * A store without what was in it.
   *
   * @throws {TreeStoreError}
   */
  static async openEmpty(folder: string, site: string): Promise<TreeStore> {
    await rm(folder, { recursive: true, force: true })

    return TreeStore.open(folder, site)
  }

  async close(): Promise<void> {
    await this.#db.close()
  }

  /** Whether nothing has ever been in it; true once at most. */
  takeNew(): boolean {
    const isNew = this.#isNew

    this.#isNew = false

    return isNew
  }

  async write(batch: TreeBatch): Promise<void> {
    if (batch.operations.length > 0) await this.#db.batch(batch.operations)
  }

  async block(cid: CID): Promise<Uint8Array | undefined> {
    return this.#db.get(`b${digestOf(cid)}`)
  }

  async folder(path: string): Promise<FolderRecord | undefined> {
    const bytes = await this.#db.get(`d${path}`)

    return bytes == null ? undefined : decodeRecord(bytes)
  }

  /** Those of a folder's entries that have these names. */
  async entries(folder: string, names: readonly string[]): Promise<Map<string, Entry>> {
    const found = await this.#db.getMany(names.map(name => `e${folder}\0${name}`))

    return new Map(
      found.flatMap((bytes, at) => (bytes == null ? [] : [[names[at] ?? '', decodeEntry(bytes)]]))
    )
  }

  /** All entries of a folder by name. */
  async allEntries(folder: string): Promise<Map<string, Entry>> {
    const prefix = `e${folder}\0`
    const entries = new Map<string, Entry>()

    for await (const [key, value] of this.#range(prefix)) {
      entries.set(key.slice(prefix.length), decodeEntry(value))
    }

    return entries
  }

  /** Where a leaf is, or was when its file was read. */
  async places(leaf: CID): Promise<LeafPlace[]> {
    const prefix = `l${digestOf(leaf)}\0`
    const places: LeafPlace[] = []

    for await (const [key, value] of this.#range(prefix, MAX_PLACES)) {
      places.push({ path: key.slice(prefix.length), index: Number(toString(value)) })
    }

    return places
  }

  /** Deletes every node that is not among `live`, and returns how many went. */
  async sweep(live: ReadonlySet<string>): Promise<number> {
    let swept = 0
    let batch: Operation[] = []

    for await (const key of this.#db.keys({ gte: 'b', lt: 'c' })) {
      if (live.has(key.slice(1))) continue

      batch.push({ type: 'del', key })
      swept += 1
      if (batch.length === READ_AHEAD) await this.#db.batch(batch.splice(0))
    }

    await this.#db.batch(batch)
    batch = []

    return swept
  }

  async *#range(prefix: string, limit = -1): AsyncGenerator<[key: string, value: Uint8Array]> {
    // Every prefix ends in NUL.
    const lt = `${prefix.slice(0, -1)}\u0001`
    const iterator = this.#db.iterator({ gte: prefix, lt, limit })

    try {
      for (;;) {
        const found = await iterator.nextv(READ_AHEAD)

        if (found.length === 0) return
        yield* found
      }
    } finally {
      await iterator.close()
    }
  }

  async #claim(meta: string): Promise<void> {
    const found = await this.#db.get('m')

    if (found != null && toString(found) === meta) return

    await this.#db.clear()
    this.#isNew = true
    await this.#db.put('m', Buffer.from(meta))
  }
}

/** The name of a block in the store, as `sweep` wants it. */
export function digestOf(cid: CID): string {
  return toString(cid.multihash.digest, 'base64url')
}

async function openLevel(folder: string): Promise<LevelDatastore['db']> {
  try {
    return await openOnce(folder)
  } catch (error) {
    // Another process has it: nothing is wrong with it.
    if (/lock/i.test(String(error))) throw error

    await rm(folder, { recursive: true, force: true })

    return openOnce(folder)
  }
}

async function openOnce(folder: string): Promise<LevelDatastore['db']> {
  const datastore = new LevelDatastore(folder, { writeBufferSize: WRITE_BUFFER, cacheSize: CACHE })

  await datastore.open()

  return datastore.db
}
