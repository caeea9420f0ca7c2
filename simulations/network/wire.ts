import { drawAt } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Latency } from './latency.ts'
import type { MessageLines } from './message-lines.ts'

/** Whether a message from one node can get to another at all: NAT and partitions. */
export type Passage = (from: number, to: number) => boolean

export interface WireOptions {
  readonly simulation: Simulation
  readonly latency: Latency
  /** Of single messages, from 0 to 1. */
  readonly loss: number
  /** Keys of the stream that loses messages. */
  readonly lossKeys: readonly [number, number]
}

/** Carries messages between nodes: counts them, loses some, and says when the others arrive. */
export class Wire {
  /** Set to cut the network up. */
  passage: Passage | undefined
  /** Set where messages wait for each other on the way out of a node. */
  lines: MessageLines | undefined
  sent = 0
  lost = 0
  readonly simulation: Simulation
  readonly #latency: Latency
  readonly #lossLimit: number
  readonly #lossKeys: readonly [number, number]

  constructor({ simulation, latency, loss, lossKeys }: WireOptions) {
    this.simulation = simulation
    this.#latency = latency
    this.#lossLimit = loss * 2 ** 32
    this.#lossKeys = lossKeys
  }

  /** How long a small message takes on an empty line, in ticks; both ways the same. */
  oneWay(from: number, to: number): number {
    return this.#latency.oneWay(from, to)
  }

  /** How long a message waits for others and for its own bytes to leave, in ticks; 0 where lines are not played. */
  leaving(from: number, contacts: number): number {
    return this.lines == null ? 0 : this.lines.leave(from, contacts, this.simulation.now)
  }

  /** Sends a message that arrives in `takes` ticks as an event of `kind` at `to`; false where it gets lost. */
  send(kind: number, from: number, to: number, reference: number, takes: number): boolean {
    this.sent += 1

    if (!this.#arrives(from, to)) {
      this.lost += 1

      return false
    }
    this.simulation.after(takes, kind, to, from, reference)

    return true
  }

  #arrives(from: number, to: number): boolean {
    if (this.passage != null && !this.passage(from, to)) return false
    if (this.#lossLimit === 0) return true

    // A function of who, whom and when: what others send does not change the fate of this message.
    const [first, second] = this.#lossKeys

    return drawAt(drawAt(first, second, from), to, this.simulation.now | 0) >>> 0 >= this.#lossLimit
  }
}
