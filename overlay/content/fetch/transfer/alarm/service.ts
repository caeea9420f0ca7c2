/** Rings at times that move with each event: it may ring too early, which costs less than setting a timer anew each time. */
export class Alarm {
  readonly #onRing: () => void
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY

  constructor(onRing: () => void) {
    this.#onRing = onRing
  }

  /** Rings at `time` or before, in ms as `performance.now()` counts. */
  setFor(time: number): void {
    if (time >= this.#due) return

    clearTimeout(this.#timer)
    this.#due = time
    this.#timer = setTimeout(() => this.#ring(), Math.max(1, time - performance.now()))
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #ring(): void {
    this.#due = Number.POSITIVE_INFINITY
    this.#onRing()
  }
}
