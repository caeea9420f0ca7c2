import type { Streams } from '../engine/random.ts'
import type { Identifiers } from './identifiers.ts'
import { Population } from './population.ts'
import { bucketsFor } from './settings.ts'

/** The tables of a network at rest, each drawn when it is asked for and the same each time: nothing is kept of them. */
export class StaticTables {
  readonly population: Population
  readonly #k: number
  readonly #buckets: number
  readonly #streams: Streams

  constructor(nodes: number, k: number, identifiers: Identifiers, streams: Streams) {
    this.population = new Population(Array(nodes).keys(), identifiers)
    this.#k = k
    this.#buckets = bucketsFor(nodes, k)
    this.#streams = streams
  }

  /** The k contacts of a node that are nearest to a target, nearest first. */
  contactsOf(id: number, target: number): number[] {
    const own = new Int32Array(this.#buckets * this.#k)
    const counts = new Uint8Array(this.#buckets)
    const size = { k: this.#k, buckets: this.#buckets }

    this.population.fill(id, size, this.#streams.stream('table', id), own, counts)

    return [...counts]
      .flatMap((count, bucket) => [...own.subarray(bucket * this.#k, bucket * this.#k + count)])
      .toSorted((a, b) => ((a ^ target) >>> 0) - ((b ^ target) >>> 0))
      .slice(0, this.#k)
  }
}
