import { concat, fromString } from 'uint8arrays'
import { murmur3 } from '../fetch/dag/murmur3.ts'

const DIGITS_OF_ONE_HASH = 8

/** A name with what chooses its slots. */
export interface Hashed {
  readonly name: string
  /** Its first hash, as eight digits. */
  readonly digits: Uint8Array
}

export function hashed(name: string): Hashed {
  return { name, digits: digitsOf(murmur3(fromString(name))) }
}

/** The slot of a name in the shard at a depth, 0 to 255: hashes without end, for names whose first hash is the same. */
export function digitAt({ name, digits }: Hashed, depth: number): number {
  const place = depth % DIGITS_OF_ONE_HASH
  const round = Math.floor(depth / DIGITS_OF_ONE_HASH)
  const further =
    round === 0 ? digits : digitsOf(murmur3(concat([fromString(name), Uint8Array.of(round)])))

  return further[place] ?? 0
}

function digitsOf(hash: bigint): Uint8Array {
  const digits = new Uint8Array(DIGITS_OF_ONE_HASH)

  new DataView(digits.buffer).setBigUint64(0, hash)

  return digits
}
