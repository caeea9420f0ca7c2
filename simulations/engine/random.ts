/** 2^32, the number of values of one draw. */
const SPAN = 2 ** 32

/** The golden ratio in 32 bits: consecutive counters land far apart. */
const WEYL = 0x9e3779b9

/** Mixes 32 bits so that each bit of the input changes half of the output; a bijection ("lowbias32" of Chris Wellons). */
export function mix(value: number): number {
  let x = value

  x ^= x >>> 16
  x = Math.imul(x, 0x7feb352d)
  x ^= x >>> 15
  x = Math.imul(x, 0x846ca68b)

  return x ^ (x >>> 16)
}

/**
 * Where chance comes from: a tree of named streams. A stream is a function of its seed, name and node alone, so that a new
 * feature with a stream of its own leaves the draws of all others as they were.
 */
export class Streams {
  readonly #seed: number

  /** @param seed a whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    this.#seed = mix(mix(seed % SPAN) ^ Math.floor(seed / SPAN))
  }

  stream(name: string, node = 0): RandomStream {
    const [first, second] = this.keys(name, node)

    return new RandomStream(first, second)
  }

  /** Two words that name a stream, for state kept in arrays: see `drawAt`. */
  keys(name: string, node = 0): [first: number, second: number] {
    let first = this.#seed
    let second = ~this.#seed

    for (let index = 0; index < name.length; index += 1) {
      first = mix(first ^ name.charCodeAt(index))
      second = mix(Math.imul(second, 31) + name.charCodeAt(index))
    }

    return [mix(first ^ node), mix(second + Math.imul(node, WEYL))]
  }
}

/** Draw number `counter` of the stream with these keys: 32 random bits, signed. */
export function drawAt(first: number, second: number, counter: number): number {
  return mix(mix(Math.imul(counter, WEYL) + first) ^ second)
}

/** Numbers from one stream, each a function of how many were drawn before it. */
export class RandomStream {
  readonly #first: number
  readonly #second: number
  #drawn = 0

  constructor(first: number, second: number) {
    this.#first = first
    this.#second = second
  }

  /** 32 random bits, signed. */
  bits(): number {
    this.#drawn += 1

    return drawAt(this.#first, this.#second, this.#drawn)
  }

  /** In [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.bits() >>> 5
    const low = this.bits() >>> 6

    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** A whole number from 0 to `bound` - 1, for bounds up to 2^32: the remainder's bias is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor(((this.bits() >>> 0) / SPAN) * bound)
  }
}
