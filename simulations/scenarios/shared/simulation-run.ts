import type { Simulation } from '../../engine/simulation.ts'
import type { EventListener, Outcome, Run, Violation } from '../../scenario.ts'

/** Steps of the preparation that count as much as an event. */
const STEPS_PER_EVENT = 0.01

export interface SimulationRunOptions {
  readonly simulation: Simulation
  readonly liveNodes: () => number
  /** The end, in ticks. */
  readonly until: number
  /** Builds the network and schedules what is to happen, a node a step. */
  readonly prepare?: Iterator<unknown>
  readonly outcome: () => Outcome
  readonly violation?: () => Violation | undefined
}

/** A run over a queue of events. */
export class SimulationRun implements Run {
  readonly until: number
  readonly #options: SimulationRunOptions
  #isPrepared = false

  constructor(options: SimulationRunOptions) {
    this.until = options.until
    this.#options = options
  }

  get now(): number {
    return this.#options.simulation.now
  }

  get liveNodes(): number {
    return this.#options.liveNodes()
  }

  get trace(): { hash: string; events: number } {
    return this.#options.simulation.trace
  }

  get violation(): Violation | undefined {
    return this.#options.violation?.()
  }

  advance(events: number): boolean {
    if (!this.#isPrepared) {
      this.#prepare(Math.ceil(events * STEPS_PER_EVENT))

      return true
    }

    return this.#options.simulation.advance(this.until, events) && this.violation == null
  }

  listen(listener: EventListener): void {
    this.#options.simulation.trace.listener = listener
  }

  outcome(): Outcome {
    return this.#options.outcome()
  }

  #prepare(steps: number): void {
    for (let step = 0; step < steps && !this.#isPrepared; step += 1) {
      this.#isPrepared = this.#options.prepare?.next().done !== false
    }
  }
}
