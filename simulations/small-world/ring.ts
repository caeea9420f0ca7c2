import { Zipf } from '../engine/distributions.ts'
import type { RandomStream } from '../engine/random.ts'

/** A ring on which each node knows its two neighbours and one node further off, at a distance d with probability proportional to d^-r (Kleinberg 2000). */
export class SmallWorldRing {
  readonly #links: Int32Array

  constructor(nodes: number, exponent: number, stream: RandomStream) {
    const distances = new Zipf(Math.floor(nodes / 2), exponent)

    this.#links = Int32Array.from({ length: nodes }, (_, node) => {
      const distance = distances.draw(stream) + 1

      return (node + (stream.bits() < 0 ? distance : nodes - distance)) % nodes
    })
  }

  /** Steps from one node to another when each passes on to whom it knows that is nearest to the target. */
  route(from: number, to: number): number {
    let at = from
    let steps = 0

    while (at !== to) {
      at = this.#nearest(at, to)
      steps += 1
    }

    return steps
  }

  #nearest(at: number, to: number): number {
    const nodes = this.#links.length
    const link = this.#links[at]!
    const step = (to - at + nodes) % nodes <= nodes / 2 ? at + 1 : at + nodes - 1
    const neighbour = step % nodes

    return this.#distance(link, to) < this.#distance(neighbour, to) ? link : neighbour
  }

  #distance(a: number, b: number): number {
    const nodes = this.#links.length
    const ahead = (b - a + nodes) % nodes

    return Math.min(ahead, nodes - ahead)
  }
}
