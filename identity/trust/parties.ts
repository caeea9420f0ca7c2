import { formatAddress, type FullAddress } from '../address.ts'

/** FNV-1a, 32 bits. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Handles for parties, from 0 in the order in which they were first named. */
export class Parties {
  readonly #salt: string
  readonly #handles = new Map<string, number>()
  readonly #byFingerprint = new Map<string, number>()
  /** The UUIDs of those in it, by handle: compared as they are, which costs a third of looking into names. */
  readonly #uuids: string[] = []
  readonly #names: string[] = []
  readonly #ranks: number[] = []

  constructor(salt: string) {
    this.#salt = salt
  }

  get size(): number {
    return this.#names.length
  }

  /** The handle of a party, which is given one where it has none. */
  intern(name: string): number {
    const known = this.#handles.get(name)

    if (known != null) return known

    const handle = this.#names.length

    this.#handles.set(name, handle)
    this.#names.push(name)
    this.#ranks.push(hash(this.#salt + name))

    return handle
  }

  /** The handle of the party with an address; as `intern`, without making its name each time. */
  internAddress(address: FullAddress): number {
    const known = this.#byFingerprint.get(address.fp)

    if (known != null && this.#uuids[known] === address.uuid) return known

    const handle = this.intern(formatAddress(address))

    this.#byFingerprint.set(address.fp, handle)
    this.#uuids[handle] = address.uuid

    return handle
  }

  handle(name: string): number | undefined {
    return this.#handles.get(name)
  }

  name(handle: number): string {
    const name = this.#names[handle]

    if (name == null) throw new RangeError(`No party has the handle ${handle}`)

    return name
  }

  /** An order that depends on names and the salt alone: nobody who does not know the salt can choose a name that comes first. */
  isBefore(a: number, b: number): boolean {
    const [rankA = 0, rankB = 0] = [this.#ranks[a], this.#ranks[b]]

    return rankA === rankB ? this.name(a) < this.name(b) : rankA < rankB
  }
}

function hash(text: string): number {
  let value = FNV_OFFSET

  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME)
  }

  return value >>> 0
}
