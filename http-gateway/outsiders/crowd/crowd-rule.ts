/** How much there is to do. */
export interface Load {
  /** Requests of outsiders that are being answered. */
  readonly requests: number
  /** How long a piece that is to be sent waits for its turn, in ms. */
  readonly sendDelay: number
  /** How late this process gets to what is due, in ms. */
  readonly loopDelay: number
}

/** From the upper bound of any of them there is a crowd; it is over when all have been below their lower ones for a while. */
export interface CrowdBounds {
  readonly high: Load
  readonly low: Load
}

// A crowd is not over at the first moment of quiet, which may be what sending others away has brought, in ms.
const CALM_FOR = 5000

/** Whether more come than this node can answer. */
export class CrowdRule {
  readonly #bounds: CrowdBounds
  #isCrowded = false
  #busyAt = 0

  constructor(bounds: CrowdBounds) {
    this.#bounds = bounds
  }

  /** `now` in ms, from any start. */
  isCrowded(load: Load, now: number): boolean {
    const { high, low } = this.#bounds

    if (exceeds(load, high)) this.#isCrowded = true
    if (exceeds(load, low)) this.#busyAt = now
    if (this.#isCrowded && now - this.#busyAt >= CALM_FOR) this.#isCrowded = false

    return this.#isCrowded
  }
}

function exceeds(load: Load, bound: Load): boolean {
  return (
    load.requests >= bound.requests ||
    load.sendDelay >= bound.sendDelay ||
    load.loopDelay >= bound.loopDelay
  )
}
