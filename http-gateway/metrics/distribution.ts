/** Upper bounds of the buckets, in seconds; what is longer than the last counts in none of them. */
export const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
]

/** How long something took, counted in buckets. */
export class Distribution {
  readonly #counts = new Float64Array(BUCKETS.length + 1)
  #sum = 0

  /** @param milliseconds as clocks in the node count; figures are in seconds */
  add(milliseconds: number): void {
    const seconds = milliseconds / 1000
    let bucket = 0

    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? Infinity)) {
      bucket += 1
    }

    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += seconds
  }

  /** Seconds. */
  get sum(): number {
    return this.#sum
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** How many took at most so many seconds. */
  get cumulative(): { readonly atMost: number; readonly count: number }[] {
    let count = 0

    return BUCKETS.map((atMost, bucket) => ({
      atMost,
      count: (count += this.#counts[bucket] ?? 0)
    }))
  }
}
