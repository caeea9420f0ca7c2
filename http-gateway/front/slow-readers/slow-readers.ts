interface Reading {
  since: number
  sent: number
}

/** How fast those read that something waits for. */
export class SlowReaders<C extends object> {
  readonly #rate: number
  readonly #window: number
  readonly #readings = new WeakMap<C, Reading>()

  /**
   * @param rate bytes a second
   * @param window over so many ms
   */
  constructor(rate: number, window: number) {
    this.#rate = rate
    this.#window = window
  }

  /** Whether a connection has taken less than the rate for as long as the window lasts, with something waiting at each look. */
  isTooSlow(connection: C, isWaiting: boolean, sent: number, now: number): boolean {
    const reading = this.#readings.get(connection)

    if (!isWaiting) {
      // Most connections, most of the time.
      if (reading !== undefined) this.#readings.delete(connection)

      return false
    }

    if (reading === undefined) {
      this.#readings.set(connection, { since: now, sent })

      return false
    }

    const { since, sent: before } = reading

    if (now - since < this.#window) return false

    reading.since = now
    reading.sent = sent

    return (sent - before) * 1000 < this.#rate * (now - since)
  }
}
