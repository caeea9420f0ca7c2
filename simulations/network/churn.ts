import { exponential, weibull } from '../engine/distributions.ts'
import type { RandomStream, Streams } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'

/** The events from here on are churn's. */
export const CHURN_EVENTS = 48

const SWITCH: number = CHURN_EVENTS

/** Cycles that each node has lived through before the run begins, so that it begins in the middle of things. */
const CYCLES_BEFORE = 12

/** How long nodes stay on and off, in ticks. */
export interface Sessions {
  session(stream: RandomStream): number
  pause(stream: RandomStream): number
}

export function exponentialSessions(session: number, pause: number): Sessions {
  return {
    session: stream => exponential(stream, session),
    pause: stream => exponential(stream, pause)
  }
}

/** Sessions by Weibull, pauses exponential: of the peers of Kad the shape was 0.615 and the scale 169.5 minutes (Steiner, En-Najjary, Biersack 2007). */
export function weibullSessions(shape: number, scale: number, pause: number): Sessions {
  return {
    session: stream => weibull(stream, shape, scale),
    pause: stream => exponential(stream, pause)
  }
}

export interface ChurnOptions {
  readonly simulation: Simulation
  readonly streams: Streams
  readonly nodes: number
  readonly onSwitch: (node: number, isOn: boolean) => void
}

/** Switches nodes on and off. */
export class Churn {
  readonly #options: ChurnOptions
  /** When each node is switched next, and what then. */
  readonly #isOn: Uint8Array

  constructor(options: ChurnOptions) {
    this.#options = options
    this.#isOn = new Uint8Array(options.nodes)
  }

  /**
   * Begins: each node has its own stream.
   * @returns the nodes that are on at first
   */
  start(sessions: Sessions): number[] {
    const { simulation, streams, nodes, onSwitch } = this.#options
    const own = Array.from({ length: nodes }, (_, node) => streams.stream('churn', node))

    simulation.handle(CHURN_EVENTS, (_, node) => {
      const isOn = this.#isOn[node] === 0

      this.#isOn[node] = isOn ? 1 : 0
      onSwitch(node, isOn)
      simulation.after(later(sessions, isOn, own[node]!), SWITCH, node)
    })

    return own.flatMap((stream, node) => {
      const [isOn, left] = inTheMiddle(sessions, stream)

      this.#isOn[node] = isOn ? 1 : 0
      simulation.after(left, SWITCH, node)

      return isOn ? [node] : []
    })
  }

  /** Begins with what a trace says; the nodes that are on at 0 are returned. */
  replay(sessions: readonly TraceSession[]): number[] {
    const { simulation, onSwitch } = this.#options

    simulation.handle(CHURN_EVENTS, (_, node, isOn) => onSwitch(node, isOn === 1))

    for (const { node, from, to } of sessions) {
      if (from > 0) simulation.after(from, SWITCH, node, 1)
      simulation.after(to, SWITCH, node, 0)
    }

    return sessions.filter(({ from }) => from === 0).map(({ node }) => node)
  }
}

export interface TraceSession {
  readonly node: number
  /** In ticks. */
  readonly from: number
  readonly to: number
}

function later(sessions: Sessions, isOn: boolean, stream: RandomStream): number {
  return Math.max(1, Math.round(isOn ? sessions.session(stream) : sessions.pause(stream)))
}

/** What a node does at time 0 that began long before, and how long it will go on so. */
function inTheMiddle(sessions: Sessions, stream: RandomStream): [isOn: boolean, left: number] {
  const stretches = Array.from({ length: 2 * CYCLES_BEFORE }, (_, index) =>
    later(sessions, index % 2 === 0, stream)
  )
  const total = stretches.reduce((sum, stretch) => sum + stretch, 0)
  let at = Math.floor(stream.uniform() * total)

  for (const [index, stretch] of stretches.entries()) {
    if (at < stretch) return [index % 2 === 0, stretch - at]
    at -= stretch
  }

  return [false, 1]
}
