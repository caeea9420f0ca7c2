import { quantile } from './statistics.ts'

/** Shares at which the distribution of something is drawn. */
const SHARES: readonly number[] = Array.from({ length: 99 }, (_, index) => (index + 1) / 100)

/** Values that pile up in a run, to be summed up at its end. */
export class Sample {
  readonly #values: number[] = []

  add(value: number): void {
    this.#values.push(value)
  }

  get count(): number {
    return this.#values.length
  }

  get mean(): number {
    return this.#values.reduce((sum, value) => sum + value, 0) / this.#values.length
  }

  /** The values at these shares. */
  at(...shares: readonly number[]): number[] {
    const ascending = this.#values.toSorted((a, b) => a - b)

    return shares.map(share => quantile(ascending, share))
  }

  /** The distribution as a line: for each percent of the values, what they do not exceed. */
  get distribution(): (readonly [percent: number, value: number])[] {
    const values = this.at(...SHARES)

    return SHARES.map((share, index) => [Math.round(share * 100), values[index]!] as const)
  }

  /** The share of values that are each whole number from 0 on, in percent. */
  get histogram(): (readonly [value: number, percent: number])[] {
    const most = Math.max(0, ...this.at(1).filter(value => Number.isFinite(value)))
    const counts = Array.from({ length: most + 1 }, () => 0)

    for (const value of this.#values) counts[value]! += 1

    return counts.map((count, value) => [value, (100 * count) / this.#values.length] as const)
  }
}

/** Counts by stretches of time, for shares over time. */
export class Timeline {
  readonly #width: number
  readonly #hits: number[]
  readonly #counts: number[]

  /** @param until the end of the run; @param stretches how many the time is cut into */
  constructor(until: number, stretches: number) {
    this.#width = until / stretches
    this.#hits = Array.from({ length: stretches }, () => 0)
    this.#counts = Array.from({ length: stretches }, () => 0)
  }

  add(time: number, value: number): void {
    const stretch = Math.min(this.#counts.length - 1, Math.floor(time / this.#width))

    this.#hits[stretch]! += value
    this.#counts[stretch]! += 1
  }

  /** The mean of each stretch, times `factor`, at the end of the stretch in units of `unit` ticks; NaN where nothing was added. */
  means(unit: number, factor = 1): (readonly [time: number, mean: number])[] {
    return this.#counts.map(
      (count, stretch) =>
        [((stretch + 1) * this.#width) / unit, (factor * this.#hits[stretch]!) / count] as const
    )
  }

  /** The sum of each stretch, times `factor`. */
  sums(unit: number, factor = 1): (readonly [time: number, sum: number])[] {
    return this.#hits.map(
      (sum, stretch) => [((stretch + 1) * this.#width) / unit, sum * factor] as const
    )
  }
}
