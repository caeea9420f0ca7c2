import { mix } from '../engine/random.ts'

const MIX_1 = 0x7feb352d
const MIX_2 = 0x846ca68b
const INVERSE_1 = inverseOf(MIX_1)
const INVERSE_2 = inverseOf(MIX_2)

/**
 * The ids of nodes: 32 bits, a keyed bijection of the handle. No two are equal, none is kept anywhere, and the handle
 * is found back by computing. 32 bits are enough while the nodes are far fewer than 2^32: only prefixes matter.
 */
export class Identifiers {
  readonly #key: number
  readonly #chosen = new Map<number, number>()
  readonly #chosenHandles = new Map<number, number>()

  constructor(key: number) {
    this.#key = key
  }

  /** Gives a node an id of its choice, as an attacker has who makes keys until one fits. */
  choose(handle: number, id: number): void {
    this.#chosen.set(handle, id)
    this.#chosenHandles.set(id, handle)
  }

  idOf(handle: number): number {
    return (
      (this.#chosen.size === 0 ? undefined : this.#chosen.get(handle)) ?? mix(handle ^ this.#key)
    )
  }

  handleOf(id: number): number {
    return (
      (this.#chosen.size === 0 ? undefined : this.#chosenHandles.get(id)) ?? unmix(id) ^ this.#key
    )
  }
}

/** The XOR distance, moved so that signed comparison orders it; `a` again when it is given in place of `b`. */
export function distance(a: number, b: number): number {
  return a ^ b ^ -0x80000000
}

/** The inverse of `mix`. */
function unmix(value: number): number {
  let x = value ^ (value >>> 16)

  x = Math.imul(x, INVERSE_2)
  x ^= (x >>> 15) ^ (x >>> 30)
  x = Math.imul(x, INVERSE_1)

  return x ^ (x >>> 16)
}

/** By Newton's iteration, which doubles the correct bits. */
function inverseOf(odd: number): number {
  let inverse = odd

  for (let round = 0; round < 5; round += 1) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse))
  }

  return inverse
}
