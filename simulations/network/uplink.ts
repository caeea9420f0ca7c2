import type { Simulation } from '../engine/simulation.ts'
import { SECOND } from '../engine/ticks.ts'

/** The events from here on are ends of transfers. */
export const UPLINK_EVENTS = 96

const END: number = UPLINK_EVENTS

/** Bytes short of which a transfer is over: what rounding to ticks leaves. */
const ROUNDING = 1e-3

interface Transfer {
  /** What each transfer of the line will have been given when this one has its bytes. */
  readonly endsAt: number
  readonly onEnd: () => void
}

/**
 * Lines out of nodes, each shared evenly by the transfers on it (processor sharing). One counter a line says how many bytes each
 * transfer has been given since the beginning, so that a transfer costs a logarithm and not a look at all others.
 */
export class Uplinks {
  readonly #simulation: Simulation
  readonly #lines = new Map<number, Line>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    simulation.handle(UPLINK_EVENTS, (_, node, generation) => this.#end(node, generation))
  }

  /** Gives a node a line of so many bytes a second. */
  add(node: number, bytesPerSecond: number): void {
    this.#lines.set(node, new Line(bytesPerSecond / SECOND))
  }

  /** Transfers that a node sends just now. */
  active(node: number): number {
    return this.#lineOf(node).active
  }

  /** Bytes that a node has sent. */
  sent(node: number): number {
    const line = this.#lineOf(node)

    line.advance(this.#simulation.now)

    return line.sent
  }

  /** A node begins to send so many bytes. */
  send(node: number, bytes: number, onEnd: () => void): void {
    const line = this.#lineOf(node)

    line.advance(this.#simulation.now)
    line.add(bytes, onEnd)
    this.#schedule(node, line)
  }

  #end(node: number, generation: number): void {
    const line = this.#lineOf(node)

    // Since then another transfer has begun or ended.
    if (line.generation !== generation) return

    line.advance(this.#simulation.now)

    const ended = line.takeEnded()

    this.#schedule(node, line)
    for (const { onEnd } of ended) onEnd()
  }

  #schedule(node: number, line: Line): void {
    line.generation += 1

    const delay = line.untilNextEnd

    if (delay != null) this.#simulation.after(Math.ceil(delay), END, node, line.generation)
  }

  #lineOf(node: number): Line {
    const line = this.#lines.get(node)

    if (line == null) throw new TypeError(`node ${node} has no line`)

    return line
  }
}

class Line {
  generation = 0
  sent = 0
  readonly #bytesPerTick: number
  /** By their end, soonest first. */
  readonly #transfers: Transfer[] = []
  #given = 0
  #at = 0

  constructor(bytesPerTick: number) {
    this.#bytesPerTick = bytesPerTick
  }

  get active(): number {
    return this.#transfers.length
  }

  get untilNextEnd(): number | undefined {
    const [next] = this.#transfers

    return next == null
      ? undefined
      : (Math.max(0, next.endsAt - this.#given) * this.active) / this.#bytesPerTick
  }

  advance(now: number): void {
    if (this.active > 0) {
      const bytes = (now - this.#at) * this.#bytesPerTick

      this.#given += bytes / this.active
      this.sent += bytes
    }
    this.#at = now
  }

  add(bytes: number, onEnd: () => void): void {
    const transfer = { endsAt: this.#given + bytes, onEnd }
    let low = 0
    let high = this.#transfers.length

    while (low < high) {
      const middle = (low + high) >>> 1

      if (this.#transfers[middle]!.endsAt <= transfer.endsAt) low = middle + 1
      else high = middle
    }
    this.#transfers.splice(low, 0, transfer)
  }

  takeEnded(): Transfer[] {
    const ended = this.#transfers.findIndex(({ endsAt }) => endsAt > this.#given + ROUNDING)

    return this.#transfers.splice(0, ended === -1 ? this.#transfers.length : ended)
  }
}
