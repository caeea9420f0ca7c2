import type { RandomStream } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'

/** Nodes whose addresses stand in tables and lead nowhere. */
export interface Unreachable {
  /** Of all nodes. */
  readonly share: number
  /** How long a dial takes to fail, in ticks. */
  readonly timeout: number
}

export interface DialOptions {
  readonly simulation: Simulation
  readonly nodes: number
  /** Of a small message, in ticks. */
  readonly oneWay: (from: number, to: number) => number
  /** Messages one after another until a connection stands. */
  readonly turns: number
  readonly unreachable: readonly Unreachable[]
}

interface Attempt {
  readonly ends: number
  readonly isUp: boolean
}

/** Connections of nodes, which take time to come about, or do not and take time to fail. */
export class Dials {
  readonly #options: DialOptions
  /** Of each node how long a dial takes to fail; 0 where it does not. */
  readonly #failsAfter: Float64Array
  readonly #attempts = new Map<number, Map<number, Attempt>>()

  constructor(options: DialOptions, stream: RandomStream) {
    this.#options = options
    this.#failsAfter = Float64Array.from({ length: options.nodes }, () =>
      drawTimeout(options.unreachable, stream.uniform())
    )
  }

  isReachable(node: number): boolean {
    return this.#failsAfter[node] === 0
  }

  /** A node closes its connections, and forgets whom it could not reach. */
  forget(node: number): void {
    this.#attempts.delete(node)
  }

  /** Whether a node has dialled another in vain by now. */
  hasFailed(from: number, to: number): boolean {
    const attempt = this.#attempts.get(from)?.get(to)

    return attempt != null && !attempt.isUp && attempt.ends <= this.#options.simulation.now
  }

  /** How long it takes from now until two nodes are connected, in ticks; where they cannot connect, a negative number and how long it takes to notice. */
  dial(from: number, to: number): number {
    const { now } = this.#options.simulation
    const { ends, isUp } = this.#attempt(from, to)

    return isUp ? Math.max(0, ends - now) : Math.min(-1, now - ends)
  }

  /** The last attempt, or a new one where there was none or it has failed. */
  #attempt(from: number, to: number): Attempt {
    const { simulation, oneWay, turns } = this.#options
    const attempts = this.#attempts.get(from) ?? new Map<number, Attempt>()
    const last = attempts.get(to)

    if (last != null && (last.isUp || last.ends > simulation.now)) return last

    const isUp = this.isReachable(to)
    const takes = isUp ? turns * oneWay(from, to) : this.#failsAfter[to]!
    const attempt = { isUp, ends: simulation.now + takes }

    attempts.set(to, attempt)
    this.#attempts.set(from, attempts)

    return attempt
  }
}

/** 0 for a node that can be reached. */
function drawTimeout(kinds: readonly Unreachable[], pick: number): number {
  let below = 0

  for (const { share, timeout } of kinds) {
    below += share
    if (pick < below) return timeout
  }

  return 0
}
