/** The shortest time that tells a pace, in ms. */
const MEASURED_WHILE = 200

/** What is found counts so long, in ms; then it is tried anew. */
const VALID_FOR = 10_000

/** Others are of use where all together are so many times as fast as the best alone. */
const OF_USE = 1.2

type Way = 'alone' | 'together'

interface Pace {
  /** Bytes a ms. */
  readonly rate: number
  readonly at: number
}

/**
 * Whether others help: what comes in while the best is asked alone, against what comes in while others are asked beside it. Where the reader's own line, its
 * machine or its client is the narrow place, they do not, however fast they seem.
 */
export class Gain {
  readonly #paces = new Map<Way, Pace>()
  #way: Way = 'alone'
  #since: number | undefined
  #bytes = 0

  /** Who is asked from now on. */
  change(way: Way, now: number): void {
    if (way === this.#way) return

    this.#note(now)
    this.#way = way
    this.#since = undefined
    this.#bytes = 0
  }

  /** Bytes came, from whomever. */
  add(bytes: number, now: number): void {
    // What was on its way before says little: counting begins with the first that comes.
    if (this.#since == null) this.#since = now
    else this.#bytes += bytes
    if (now - this.#since >= MEASURED_WHILE) this.#note(now)
  }

  /** Undefined where that was not seen lately; before it is seen what the best does alone nobody joins it. */
  areOthersOfUse(now: number): boolean | undefined {
    const [alone, together] = [this.#paces.get('alone'), this.#paces.get('together')]

    if (alone == null) return false

    return together == null || now - together.at > VALID_FOR
      ? undefined
      : together.rate >= OF_USE * alone.rate
  }

  #note(now: number): void {
    if (this.#since == null) return

    const duration = now - this.#since

    if (duration < MEASURED_WHILE) return

    this.#paces.set(this.#way, { rate: this.#bytes / duration, at: now })
    this.#since = now
    this.#bytes = 0
  }
}
