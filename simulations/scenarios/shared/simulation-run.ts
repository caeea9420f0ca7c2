import type { KademliaNetwork } from '../../kademlia/network.ts'
import type { EventListener, Outcome, Run, Violation } from '../../scenario.ts'

/** Steps of the preparation that count as much as an event. */
const STEPS_PER_EVENT = 0.01

export interface NetworkRunOptions {
  readonly network: KademliaNetwork
  /** The end, in ticks. */
  readonly until: number
  /** Builds the network and schedules what is to happen, a node a step. */
  readonly prepare: Generator<void, void>
  readonly outcome: () => Outcome
  readonly violation?: () => Violation | undefined
}

/** A run over a Kademlia network. */
export class NetworkRun implements Run {
  readonly until: number
  readonly #options: NetworkRunOptions
  #isPrepared = false

  constructor(options: NetworkRunOptions) {
    this.until = options.until
    this.#options = options
  }

  get now(): number {
    return this.#options.network.simulation.now
  }

  get liveNodes(): number {
    return this.#options.network.kademlia.sessions.live
  }

  get trace(): { hash: string; events: number } {
    return this.#options.network.simulation.trace
  }

  get violation(): Violation | undefined {
    return this.#options.violation?.()
  }

  advance(events: number): boolean {
    if (!this.#isPrepared) {
      this.#prepare(Math.ceil(events * STEPS_PER_EVENT))

      return true
    }

    return this.#options.network.simulation.advance(this.until, events) && this.violation == null
  }

  listen(listener: EventListener): void {
    this.#options.network.simulation.trace.listener = listener
  }

  outcome(): Outcome {
    return this.#options.outcome()
  }

  #prepare(steps: number): void {
    for (let step = 0; step < steps && !this.#isPrepared; step += 1) {
      this.#isPrepared = this.#options.prepare.next().done === true
    }
  }
}
