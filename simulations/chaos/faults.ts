import { exponential } from '../engine/distributions.ts'
import type { RandomStream } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import { HOUR, MILLISECOND } from '../engine/ticks.ts'

/** The events from here on are faults. */
const EVENTS = 80
const BEGIN: number = EVENTS
const END: number = EVENTS + 1

export const FAULTS = ['crash', 'partition', 'loss', 'skew', 'disk', 'liar'] as const

export type Fault = (typeof FAULTS)[number]

/** The largest share of messages that gets lost, and how much slower a disk gets. */
const MOST_LOSS = 0.4
const SLOWNESS = 200

/** The furthest that a clock goes wrong, in ms. */
const MOST_SKEW: number = (2 * HOUR) / MILLISECOND

export interface FaultOptions {
  readonly simulation: Simulation
  readonly nodes: number
  readonly stream: RandomStream
  /** Those that happen. */
  readonly kinds: readonly Fault[]
  /** Mean times between two faults and of one fault, in ticks. */
  readonly interval: number
  readonly length: number
  /** From then on everything is well again, in ticks. */
  readonly calmAt: number
  /** Nodes that never lie: what they publish is what is true. */
  readonly isTrue: (node: number) => boolean
  readonly onCrash: (node: number) => void
  readonly onRestart: (node: number) => void
}

/** What is wrong just now; faults of all kinds begin by chance and end by themselves. */
export class Faults {
  injected = 0
  readonly #options: FaultOptions
  /** Faults of each kind on each node: several may overlap. */
  readonly #down: number[]
  readonly #slow: number[]
  readonly #lying: number[]
  /** In ms. */
  readonly #skew: number[]
  /** By partition: a side for each node. */
  readonly #cuts = new Map<number, readonly boolean[]>()
  readonly #losses = new Map<number, number>()

  constructor(options: FaultOptions) {
    const { nodes, simulation } = options
    const none = (): number[] => Array.from({ length: nodes }, () => 0)

    this.#options = options
    this.#down = none()
    this.#slow = none()
    this.#lying = none()
    this.#skew = none()
    simulation.handle(EVENTS, (kind, number, node, fault) => {
      if (kind === BEGIN) this.#begin(number, node, FAULTS[fault]!)
      else this.#change(number, node, FAULTS[fault]!, -1)
    })
    this.#schedule(0)
  }

  isUp(node: number): boolean {
    return this.#down[node] === 0
  }

  isLiar(node: number): boolean {
    return this.#lying[node]! > 0 && !this.#options.isTrue(node)
  }

  /** How many times slower a disk is. */
  slowness(node: number): number {
    return this.#slow[node]! > 0 ? SLOWNESS : 1
  }

  /** By how much a clock is wrong, in ms. */
  skew(node: number): number {
    return this.#skew[node]!
  }

  /** Whether a message gets through now. */
  passes(from: number, to: number, stream: RandomStream): boolean {
    const loss = Math.max(0, ...this.#losses.values())

    if (loss > 0 && stream.uniform() < loss) return false

    return [...this.#cuts.values()].every(sides => sides[from] === sides[to])
  }

  #schedule(number: number): void {
    const { simulation, stream, interval, calmAt, kinds, nodes } = this.#options
    const delay = Math.max(1, Math.round(exponential(stream, interval)))

    if (kinds.length === 0 || simulation.now + delay >= calmAt) return

    const kind = kinds[stream.below(kinds.length)]!

    simulation.after(delay, BEGIN, number, stream.below(nodes), FAULTS.indexOf(kind))
  }

  #begin(number: number, node: number, fault: Fault): void {
    const { simulation, stream, length, calmAt } = this.#options
    const lasting = Math.max(1, Math.round(exponential(stream, length)))

    this.injected += 1
    this.#change(number, node, fault, 1)
    simulation.after(
      Math.min(lasting, calmAt - simulation.now),
      END,
      number,
      node,
      FAULTS.indexOf(fault)
    )
    this.#schedule(number + 1)
  }

  #change(number: number, node: number, fault: Fault, by: 1 | -1): void {
    if (fault === 'crash') this.#crash(node, by)
    else if (fault === 'disk') this.#slow[node]! += by
    else if (fault === 'liar') this.#lying[node]! += by
    else if (fault === 'skew') this.#skew[node] = by === 1 ? this.#drawSkew() : 0
    else if (by === -1) (fault === 'loss' ? this.#losses : this.#cuts).delete(number)
    else if (fault === 'loss') this.#losses.set(number, this.#options.stream.uniform() * MOST_LOSS)
    else this.#cuts.set(number, this.#drawSides())
  }

  #crash(node: number, by: 1 | -1): void {
    const { onCrash, onRestart } = this.#options

    this.#down[node]! += by
    if (by === 1 && this.#down[node] === 1) onCrash(node)
    if (by === -1 && this.#down[node] === 0) onRestart(node)
  }

  #drawSkew(): number {
    return Math.round((2 * this.#options.stream.uniform() - 1) * MOST_SKEW)
  }

  #drawSides(): boolean[] {
    const { nodes, stream } = this.#options

    return Array.from({ length: nodes }, () => stream.bits() < 0)
  }
}
