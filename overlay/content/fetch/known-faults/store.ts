import { hash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import type { Datastore } from 'interface-datastore'
import { Key } from 'interface-datastore/key'
import type { RememberedFault } from '../source-memory.ts'
import { isFault, isLasting } from './fault.ts'

const PREFIX = '/plexnet/source-faults'

/** What a source sent may stand in the reason; so much of it is kept, in UTF-16 units. */
const MAX_REASON = 500

/** A path that is longer, in segments, is not kept: the fault counts without. */
const MAX_PATH = 32

/** Who was wrong about which site, kept for the next start. One value a source; whoever remembers bounds how many there are. */
export class KnownFaults {
  readonly #datastore: Datastore
  readonly #onFailure: (error: unknown) => void
  #faults: readonly RememberedFault[] = []
  #written: Promise<void> = Promise.resolve()

  constructor(datastore: Datastore, onFailure: (error: unknown) => void) {
    this.#datastore = datastore
    this.#onFailure = onFailure
  }

  /** Reads what was kept; values that cannot be read are removed. */
  async open(): Promise<void> {
    const faults: RememberedFault[] = []

    for await (const { key, value } of this.#datastore.query({ prefix: `${PREFIX}/` })) {
      const read = readFaults(value)

      if (read == null) await this.#datastore.delete(key)
      else faults.push(...read)
    }

    this.#faults = faults.toSorted((a, b) => a.time - b.time)
  }

  /** As they were at the start, the oldest first. */
  get faults(): readonly RememberedFault[] {
    return this.#faults
  }

  /** Keeps those of these faults that outlast a run, in place of those of the source before. */
  keep(source: string, faults: readonly RememberedFault[]): void {
    const key = new Key(`${PREFIX}/${hash('sha256', source)}`)
    const lasting = faults.filter(isLasting).map(storable)

    // One after the other, so that the last word stands.
    this.#written = this.#written
      .then(async () =>
        lasting.length === 0
          ? this.#datastore.delete(key)
          : void (await this.#datastore.put(key, encode(lasting)))
      )
      .catch(this.#onFailure)
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this.#written
  }
}

function storable({ path, reason, offset, ...fault }: RememberedFault): RememberedFault {
  return {
    ...fault,
    path: path.length > MAX_PATH ? [] : path,
    reason: reason.slice(0, MAX_REASON),
    ...(offset == null ? {} : { offset })
  }
}

function readFaults(value: Uint8Array): RememberedFault[] | undefined {
  try {
    const faults: unknown = decode(value)

    return Array.isArray(faults) && faults.every(isFault) ? faults : undefined
  } catch {
    return undefined
  }
}
