import { Key, type Datastore } from 'interface-datastore'
import type { FullAddress } from '../../identity/index.ts'
import { encodeNames, readNames, type NameBook } from '../../identity/names/index.ts'

const PREFIX = '/plexnet/names'

/** Whose names: those this node uses itself, those it publishes, and what others published when they were last asked. */
export type Shelf = 'own' | 'published' | `of/${string}`

/** Name books on disk. */
export class NameStore {
  readonly #datastore: Datastore

  constructor(datastore: Datastore) {
    this.#datastore = datastore
  }

  /** Empty where nothing was kept, or it is damaged. */
  async read(shelf: Shelf): Promise<NameBook> {
    const key = keyOf(shelf)

    if (!(await this.#datastore.has(key))) return new Map()

    try {
      return readNames(await this.#datastore.get(key))
    } catch {
      return new Map()
    }
  }

  async write(shelf: Shelf, book: NameBook): Promise<void> {
    await this.#datastore.put(keyOf(shelf), encodeNames(book))
  }
}

export function shelfOf({ fp }: FullAddress): Shelf {
  return `of/${fp}`
}

function keyOf(shelf: Shelf): Key {
  return new Key(`${PREFIX}/${shelf}`)
}
