import type { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import type { Version } from './content.ts'
import type { Received } from './message.ts'

/** The events from here on are ends of writes. */
const EVENTS = 112
const WRITTEN: number = EVENTS

/** One write with its flush. */
const WRITE_TIME: number = 5 * MILLISECOND

/** Writes that wait; more are refused. */
export const MAX_WRITES = 16

/** What lies under a key: the record of somebody else, or a version of one's own. */
export interface Stored {
  readonly received?: Received
  readonly version?: Version
}

interface Write {
  readonly number: number
  readonly key: string
  readonly value: Stored
  readonly onDurable: () => void
}

/** The disks of all nodes: what is written is there after a crash, and what waits to be written is not. */
export class Disks {
  readonly #simulation: Simulation
  readonly #slowness: (node: number) => number
  readonly #isBounded: boolean
  readonly #durable = new Map<number, Map<string, Stored>>()
  readonly #waiting = new Map<number, Write[]>()
  #writes = 0

  constructor(simulation: Simulation, slowness: (node: number) => number, isBounded: boolean) {
    this.#simulation = simulation
    this.#slowness = slowness
    this.#isBounded = isBounded
    simulation.handle(EVENTS, (_, node, number) => this.#written(node, number))
  }

  read(node: number, key: string): Stored | undefined {
    return this.#durable.get(node)?.get(key)
  }

  /** Writes that wait at a node. */
  waiting(node: number): number {
    return this.#waiting.get(node)?.length ?? 0
  }

  /** False where too many writes wait. */
  write(node: number, key: string, value: Stored, onDurable: () => void): boolean {
    const queue = this.#waiting.get(node) ?? []
    const write = { number: this.#writes, key, value, onDurable }

    if (this.#isBounded && queue.length >= MAX_WRITES) return false

    this.#waiting.set(node, queue)
    this.#writes += 1
    if (queue.push(write) === 1) this.#begin(node, write)

    return true
  }

  /** What waits is lost. */
  crash(node: number): void {
    this.#waiting.delete(node)
  }

  #begin(node: number, { number }: Write): void {
    this.#simulation.after(WRITE_TIME * this.#slowness(node), WRITTEN, node, number)
  }

  #written(node: number, number: number): void {
    const queue = this.#waiting.get(node) ?? []
    const [write, next] = queue

    // It was lost in a crash.
    if (write?.number !== number) return

    const durable = this.#durable.get(node) ?? new Map<string, Stored>()

    queue.shift()
    this.#durable.set(node, durable)
    durable.set(write.key, write.value)
    if (next != null) this.#begin(node, next)
    write.onDurable()
  }
}
