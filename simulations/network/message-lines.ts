import { SECOND } from '../engine/ticks.ts'

export interface MessageSizes {
  /** Bytes of a message beside its contacts. */
  readonly header: number
  /** Bytes of each contact in it. */
  readonly contact: number
}

/** Lines out of nodes on which small messages leave one after the other. Large transfers that share a line are those of `Uplinks`. */
export class MessageLines {
  /** Bytes that have left. */
  bytes = 0
  readonly #sizes: MessageSizes
  readonly #bytesPerSecond: (node: number) => number
  /** When each line will be free. */
  readonly #freeAt: Float64Array

  /** @param bytesPerSecond of each node's line */
  constructor(nodes: number, bytesPerSecond: (node: number) => number, sizes: MessageSizes) {
    this.#bytesPerSecond = bytesPerSecond
    this.#sizes = sizes
    this.#freeAt = new Float64Array(nodes)
  }

  /** Puts a message on the line; returns in how many ticks its last byte has left. */
  leave(node: number, contacts: number, now: number): number {
    const bytes = this.#sizes.header + contacts * this.#sizes.contact
    const begins = Math.max(now, this.#freeAt[node]!)
    const ends = Math.ceil(begins + (bytes * SECOND) / this.#bytesPerSecond(node))

    this.bytes += bytes
    this.#freeAt[node] = ends

    return ends - now
  }
}
