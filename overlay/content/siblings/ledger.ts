import { LRUCache } from 'lru-cache'

/** After so many answers in a row that did not help a sibling is not asked for a while, in ms: it reads other things. */
const MISSES = 8
const REST = 5 * 60_000

/** Siblings whose misses are remembered. */
const MAX_REMEMBERED = 1000

/** What asking siblings brought, since the start. */
export interface SiblingCounts {
  /** Questions, one for each sibling asked. */
  readonly asked: number
  readonly hits: number
  readonly misses: number
  /** Questions without an answer in time. */
  readonly unanswered: number
  /** How long readers waited for answers that did not help, in ms. */
  readonly waited: number
  /** Blocks that siblings sent in place of farther sources, and how much farther these are, in ms of round trip summed over blocks: several come at once. */
  readonly blocks: number
  readonly bytes: number
  readonly saved: number
}

/** Counts what comes of asking siblings, and leaves those alone who have nothing. Times are ms of one clock. */
export class SiblingLedger {
  readonly #misses = new LRUCache<string, { readonly inRow: number; readonly until: number }>({
    max: MAX_REMEMBERED
  })
  readonly #counts = {
    asked: 0,
    hits: 0,
    misses: 0,
    unanswered: 0,
    waited: 0,
    blocks: 0,
    bytes: 0,
    saved: 0
  }

  get counts(): SiblingCounts {
    return { ...this.#counts }
  }

  isResting(sibling: string, now: number): boolean {
    return now < (this.#misses.get(sibling)?.until ?? 0)
  }

  asked(): void {
    this.#counts.asked += 1
  }

  hit(sibling: string): void {
    this.#counts.hits += 1
    this.#misses.delete(sibling)
  }

  missed(sibling: string, now: number): void {
    this.#counts.misses += 1
    this.#blame(sibling, now)
  }

  unanswered(sibling: string, now: number): void {
    this.#counts.unanswered += 1
    this.#blame(sibling, now)
  }

  waitedInVain(time: number): void {
    this.#counts.waited += time
  }

  /** A block came from a sibling whose answers begin `nearer` ms sooner than those of the nearest other source. */
  sent(bytes: number, nearer: number): void {
    this.#counts.blocks += 1
    this.#counts.bytes += bytes
    this.#counts.saved += nearer
  }

  #blame(sibling: string, now: number): void {
    const inRow = (this.#misses.get(sibling)?.inRow ?? 0) + 1

    // Afterwards one more miss is enough.
    this.#misses.set(sibling, { inRow, until: inRow >= MISSES ? now + REST : 0 })
  }
}
