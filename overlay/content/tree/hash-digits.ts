import { concat, fromString } from 'uint8arrays'
import { murmur3 } from '../fetch/dag/murmur3.ts'

const DIGITS_OF_ONE_HASH = 8

/** The slot of a name in the shard at a depth, 0 to 255: hashes without end, for names whose first hash is the same. */
export function digitAt(name: string, depth: number): number {
  const round = Math.floor(depth / DIGITS_OF_ONE_HASH)
  const bytes = fromString(name)
  const hash = murmur3(round === 0 ? bytes : concat([bytes, Uint8Array.of(round)]))
  const place = DIGITS_OF_ONE_HASH - 1 - (depth % DIGITS_OF_ONE_HASH)

  return Number(BigInt.asUintN(8, hash >> BigInt(8 * place)))
}
