import type { EventQueue } from './queue.ts'
import { TimingWheel } from './timing-wheel.ts'
import { Trace } from './trace.ts'

export type Handler = (kind: number, a: number, b: number, c: number) => void

/** The clock and the queue: takes events in order and hands each to whoever its kind belongs to. */
export class Simulation {
  readonly queue: EventQueue
  readonly trace = new Trace()
  readonly #handlers: Handler[] = []
  #now = 0
  #isHalted = false

  constructor(queue: EventQueue = new TimingWheel()) {
    this.queue = queue
  }

  /** The present, in ticks. */
  get now(): number {
    return this.#now
  }

  /** From now on `handler` gets the events of the kinds from `first` to `first` + 15. */
  handle(first: number, handler: Handler): void {
    this.#handlers[first >>> 4] = handler
  }

  /** Schedules an event `delay` ticks from now. */
  after(delay: number, kind: number, a: number, b = 0, c = 0): void {
    this.queue.schedule(this.#now + delay, kind, a, b, c)
  }

  /** Ends `advance` after this event: what must not happen has happened. */
  halt(): void {
    this.#isHalted = true
  }

  /**
   * Runs up to `most` events that are due by `until`.
   * @returns false when there are none left, and the clock then stands at `until`, or when it was halted
   */
  advance(until: number, most = Infinity): boolean {
    const { queue, trace } = this

    for (let count = 0; count < most; count += 1) {
      if (this.#isHalted) return false
      if (!queue.take(until)) {
        this.#now = Math.max(this.#now, until)

        return false
      }
      this.#now = queue.time
      trace.add(queue.time, queue.kind, queue.a, queue.b)
      this.#handlers[queue.kind >>> 4]!(queue.kind, queue.a, queue.b, queue.c)
    }

    return true
  }
}
