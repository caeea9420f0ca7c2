const FIRST = 100
const LONGEST = 30_000

/** A worker that has run for so long, in ms, did not fail at its start. */
const SOUND = 60_000

/** How often a worker has failed in a row, and how long to wait before the next, in ms. */
export class Backoff {
  #failures = 0

  /** @param lifetime of the worker that has just ended, in ms */
  next(lifetime: number): number {
    this.#failures = lifetime >= SOUND ? 0 : this.#failures
    this.#failures += 1

    return Math.min(LONGEST, FIRST * 2 ** (this.#failures - 1))
  }
}
