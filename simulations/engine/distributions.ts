import { log, power } from './pinned-math.ts'
import type { RandomStream } from './random.ts'

export function exponential(stream: RandomStream, mean: number): number {
  return -mean * log(1 - stream.uniform())
}

/** Weibull with the given shape and scale. */
export function weibull(stream: RandomStream, shape: number, scale: number): number {
  return scale * power(-log(1 - stream.uniform()), 1 / shape)
}

/** Standard normal, by Marsaglia's polar method: no sine or cosine. */
export function normal(stream: RandomStream): number {
  for (;;) {
    const x = 2 * stream.uniform() - 1
    const y = 2 * stream.uniform() - 1
    const square = x * x + y * y

    if (square > 0 && square < 1) return x * Math.sqrt((-2 * log(square)) / square)
  }
}

/** Ranks 0 … size - 1 with probabilities proportional to 1 / (rank + 1)^exponent. */
export class Zipf {
  readonly #cumulative: Float64Array

  constructor(size: number, exponent: number) {
    const weights = Float64Array.from({ length: size }, (_, rank) => power(rank + 1, -exponent))
    let sum = 0

    this.#cumulative = weights.map(weight => (sum += weight))
    this.#cumulative.forEach((value, rank) => {
      this.#cumulative[rank] = value / sum
    })
  }

  probability(rank: number): number {
    return this.#cumulative[rank]! - (rank === 0 ? 0 : this.#cumulative[rank - 1]!)
  }

  draw(stream: RandomStream): number {
    return firstAbove(this.#cumulative, stream.uniform())
  }
}

/** The first index whose value is above `value`, in an ascending list; its last index at most. */
export function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1

  while (low < high) {
    const middle = (low + high) >>> 1

    if (ascending[middle]! > value) high = middle
    else low = middle + 1
  }

  return low
}
