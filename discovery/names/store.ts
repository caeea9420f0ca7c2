import { decode, encode } from '@ipld/dag-cbor'
import { Key, type Datastore } from 'interface-datastore'
import { LRUCache } from 'lru-cache'
import type { AddressFingerprint } from '../../identity/index.ts'
import { encodeNames, readNames, type NameBook } from '../../identity/names/index.ts'

const PREFIX = '/plexnet/names'

const SEQUENCE = new Key(`${PREFIX}/sequence`)

/** Nodes whose lists are kept on disk; past it the one not used for longest is deleted. */
const MAX_LISTS = 500

/** Whose names: those this node uses itself, and those it publishes. */
export type Shelf = 'own' | 'published'

/** Names on disk. */
export class NameStore {
  readonly #datastore: Datastore
  readonly #kept: LRUCache<string, true>

  constructor(datastore: Datastore, maxLists: number = MAX_LISTS) {
    this.#datastore = datastore
    this.#kept = new LRUCache({
      max: maxLists,
      dispose: (_, fp, reason) => {
        // What cannot be deleted now is found at the next start.
        if (reason === 'evict') this.#forget(fp).catch(() => undefined)
      }
    })
  }

  /** Reads whose lists are kept. */
  async open(): Promise<void> {
    for await (const key of this.#datastore.queryKeys({ prefix: `${PREFIX}/list/` })) {
      this.#kept.set(key.name(), true)
    }
  }

  /** Empty where nothing was kept, or it is damaged. */
  async read(shelf: Shelf): Promise<NameBook> {
    const bytes = await this.#read(shelfKey(shelf))

    try {
      return bytes == null ? new Map() : readNames(bytes)
    } catch {
      return new Map()
    }
  }

  async write(shelf: Shelf, book: NameBook): Promise<void> {
    await this.#datastore.put(shelfKey(shelf), encodeNames(book))
  }

  /** The number of this node's own list. */
  async sequence(): Promise<number> {
    const bytes = await this.#read(SEQUENCE)

    return bytes == null ? 0 : decode<number>(bytes)
  }

  async setSequence(seq: number): Promise<void> {
    await this.#datastore.put(SEQUENCE, encode(seq))
  }

  /** Whether a list of this node is kept, without a look at the disk. */
  keeps(fp: AddressFingerprint): boolean {
    return this.#kept.has(fp)
  }

  /** What a node published when it was last asked, as it signed it. */
  async list(fp: AddressFingerprint): Promise<Uint8Array | undefined> {
    return this.#kept.get(fp) === true ? this.#read(listKey(fp)) : undefined
  }

  async keepList(fp: AddressFingerprint, bytes: Uint8Array): Promise<void> {
    await this.#datastore.put(listKey(fp), bytes)
    this.#kept.set(fp, true)
  }

  async #forget(fp: string): Promise<void> {
    await this.#datastore.delete(listKey(fp))
  }

  async #read(key: Key): Promise<Uint8Array | undefined> {
    return (await this.#datastore.has(key)) ? this.#datastore.get(key) : undefined
  }
}

function shelfKey(shelf: Shelf): Key {
  return new Key(`${PREFIX}/${shelf}`)
}

function listKey(fp: string): Key {
  return new Key(`${PREFIX}/list/${fp}`)
}
