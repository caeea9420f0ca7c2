import { decode, encode } from '@ipld/dag-cbor'
import { Key, type Datastore } from 'interface-datastore'

/** A statement of this node's own. */
export interface OwnStatement {
  readonly bytes: Uint8Array
  /** Counts here and is told to nobody. */
  readonly isPrivate: boolean
}

/** A signed statement of another node with the certificate that proves it. */
export interface HeardStatement {
  readonly bytes: Uint8Array
  readonly certificate: Uint8Array
}

const PREFIX = '/plexnet/trust'

/** Trust statements on disk: each is there before it counts. */
export class TrustStore {
  readonly #datastore: Datastore

  constructor(datastore: Datastore) {
    this.#datastore = datastore
  }

  async own(): Promise<OwnStatement[]> {
    return this.#all<OwnStatement>('own')
  }

  async heard(): Promise<HeardStatement[]> {
    return this.#all<HeardStatement>('heard')
  }

  /** `key` names what can be stated anew: the newer takes the place of the older. */
  async keepOwn(key: string, statement: OwnStatement): Promise<void> {
    await this.#datastore.put(this.#key('own', key), encode({ ...statement }))
  }

  async keepHeard(heard: ReadonlyMap<string, HeardStatement>): Promise<void> {
    const batch = this.#datastore.batch()

    for (const [key, statement] of heard)
      batch.put(this.#key('heard', key), encode({ ...statement }))
    await batch.commit()
  }

  /** Statements of this node are its own to take back; they are never forgotten here. */
  async forgetHeard(keys: readonly string[]): Promise<void> {
    const batch = this.#datastore.batch()

    for (const key of keys) batch.delete(this.#key('heard', key))
    await batch.commit()
  }

  /** What is damaged is left out. */
  async #all<T>(kind: 'own' | 'heard'): Promise<T[]> {
    const found: T[] = []

    for await (const { value } of this.#datastore.query({ prefix: `${PREFIX}/${kind}/` })) {
      try {
        found.push(decode<T>(value))
      } catch {
        continue
      }
    }

    return found
  }

  #key(kind: 'own' | 'heard', key: string): Key {
    return new Key(`${PREFIX}/${kind}/${key}`)
  }
}
