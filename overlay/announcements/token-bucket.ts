export interface Rate {
  /** At once, after a long silence. */
  readonly burst: number
  /** From then on. */
  readonly perSecond: number
}

/** So much at once, and so much a second from then on. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #filled: number

  /** `now` in ms, from any start, as everywhere here. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filled = now
  }

  /** Whether there is a token, without taking it. */
  has(now: number): boolean {
    this.#fill(now)

    return this.#tokens >= 1
  }

  take(now: number): boolean {
    if (!this.has(now)) return false

    this.#tokens--

    return true
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate
    const passed = Math.max(now - this.#filled, 0)

    this.#tokens = Math.min(burst, this.#tokens + (passed / 1000) * perSecond)
    this.#filled = now
  }
}
