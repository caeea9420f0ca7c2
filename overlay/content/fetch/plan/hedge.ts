import type { Request } from './request.ts'

/** The part of the delivered bytes that may be asked for twice. */
const EXTRA_SHARE = 0.1

/** What may be asked for twice at once, in bytes; a transfer begins with it. */
const MOST_EXTRA_BYTES = 2 << 20

/** However quick or slow a source usually is, its silence is late after no less and no more than this, in ms. */
const LEAST_PATIENCE = 50
const MOST_PATIENCE = 2000

/** How long a block is expected to take a source that nobody knows, in ms: it is tried where the present one needs far longer. */
const EXPECTED_OF_STRANGER = 500

/** How many times sooner the other must be expected. */
const CLEARLY_SOONER = 2

/** Bytes that may be asked for twice: a tenth of what came, so that hedging never doubles the load of a network in trouble. */
export class HedgeBudget {
  #bytes = MOST_EXTRA_BYTES

  earn(delivered: number): void {
    this.#bytes = Math.min(MOST_EXTRA_BYTES, this.#bytes + delivered * EXTRA_SHARE)
  }

  /** Whether `bytes` may be asked for twice; then they are counted. */
  spend(bytes: number): boolean {
    if (bytes > this.#bytes) return false
    this.#bytes -= bytes

    return true
  }
}

export interface Situation {
  readonly now: number
  /** How long the source usually needs to its first byte at most, in ms. */
  readonly patience: number
  /** Up to the end of the block that the reader waits for. */
  readonly bytesLeft: number
  /** Bytes a ms of this request, undefined where it has none yet. */
  readonly rate: number | undefined
  /** How long the other source would need for the block, in ms; `Number.MAX_VALUE` where nobody knows. */
  readonly other: number
}

/** Whether another source should be asked for the block that the reader waits for. */
export function isLate(request: Request, situation: Situation): boolean {
  if (request.isPaused) return false

  const { now, patience, bytesLeft, rate, other } = situation
  const silence = now - request.progressAt

  if (silence > Math.min(MOST_PATIENCE, Math.max(LEAST_PATIENCE, patience))) return true

  const expected = other < Number.MAX_VALUE ? other : EXPECTED_OF_STRANGER

  return rate != null && bytesLeft / rate > CLEARLY_SOONER * expected + LEAST_PATIENCE
}
