import { LRUCache } from 'lru-cache'

/** Nodes whose round trips are remembered. */
const MAX_NODES = 2000

/** Round trips of one node that are remembered: the least of the last counts, since queues only add to it. */
const LAST = 4

/** How long the last one counts, in ms: lines change. */
const VALID_FOR = 60 * 60_000

/** Longer than any line takes, in ms: the other end, or this process, was asleep. */
const LONGEST = 4000

/** Shorter ones are within one machine, and the clock's error counts for as much; ms. */
const LEAST = 0.2

interface Measured {
  readonly last: readonly number[]
  /** ms since the epoch */
  readonly at: number
}

/** Round trips to nodes as ordinary traffic shows them, in ms. */
export class RoundTrips {
  readonly #nodes = new LRUCache<string, Measured>({ max: MAX_NODES })

  /** Takes a measurement in; false for one that is none. */
  add(node: string, roundTrip: number, now: number): boolean {
    if (!(roundTrip >= 0 && roundTrip <= LONGEST)) return false

    const last = this.#valid(node, now)?.last ?? []

    this.#nodes.set(node, {
      last: [...last, Math.max(LEAST, roundTrip)].slice(-LAST),
      at: now
    })

    return true
  }

  /** The line's own part of the round trips lately; undefined where there were none. */
  of(node: string, now: number): number | undefined {
    const measured = this.#valid(node, now)

    return measured == null ? undefined : Math.min(...measured.last)
  }

  #valid(node: string, now: number): Measured | undefined {
    const measured = this.#nodes.get(node)

    return measured != null && now - measured.at <= VALID_FOR ? measured : undefined
  }
}
