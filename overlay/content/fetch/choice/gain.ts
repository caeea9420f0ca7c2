/** The shortest time that tells a pace, in ms. */
const MEASURED_WHILE = 200

/** And the fewest blocks, which come in bursts. */
const MEASURED_BLOCKS = 6

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
  #best: string | undefined
  #since: number | undefined
  #bytes = 0
  #blocks = 0

  /** Who is asked from now on, `best` alone or first. */
  change(way: Way, best: string | undefined, now: number): void {
    this.#best = best
    if (way === this.#way) return

    this.#note(now)
    this.#way = way
    this.#since = undefined
    this.#bytes = 0
    this.#blocks = 0
  }

  /** A block came. */
  add(bytes: number, source: string, now: number): void {
    if (this.#since == null) {
      // What was on its way before says little: counting begins with the first that comes, where others were asked with the first of theirs.
      if (this.#way === 'together' && source === this.#best) return
      this.#since = now
    } else {
      this.#bytes += bytes
      this.#blocks += 1
    }
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

    if (duration < MEASURED_WHILE || this.#blocks < MEASURED_BLOCKS) return

    this.#paces.set(this.#way, { rate: this.#bytes / duration, at: now })
    this.#since = now
    this.#bytes = 0
    this.#blocks = 0
  }
}
