import { log, exp, length2 } from '../engine/pinned-math.ts'
import { normal } from '../engine/distributions.ts'
import type { RandomStream } from '../engine/random.ts'
import { MILLISECOND, ticks } from '../engine/ticks.ts'
import { SPACE } from './fitted-space.ts'
import type { Space } from './space.ts'

/** How long a small message takes from one node to another, in ticks; the same each time, and both ways. */
export interface Latency {
  oneWay(from: number, to: number): number
}

export function constantLatency(oneWay: number): Latency {
  return { oneWay: () => oneWay }
}

/** Round trips of a measured matrix in ms, of each pair the mean of both directions; nodes beyond its size share the hosts of those before them. */
export function matrixLatency(roundTrips: readonly Float64Array[]): Latency {
  const hosts = roundTrips.length
  const oneWays = roundTrips.map((row, from) =>
    Float64Array.from(row, (roundTrip, to) =>
      ticks(((roundTrip + roundTrips[to]![from]!) / 4) * MILLISECOND)
    )
  )

  return { oneWay: (from, to) => oneWays[from % hosts]![to % hosts]! }
}

/**
 * Nodes in a plane, each with a height above it for its own access line: the round trip is the distance in the plane and both heights
 * (Vivaldi, Dabek et al. 2004). Places are drawn from the space that was fitted to measured round trips.
 */
export class PlaneLatency implements Latency {
  /** x, y and height of each node, in ms of round trip. */
  readonly #places: Float32Array
  readonly #toTicks: number

  /** @param options a mean round trip, in ticks, that the space is to be stretched to, and a space other than the fitted one */
  constructor(
    nodes: number,
    stream: RandomStream,
    { meanRoundTrip, space = SPACE }: { meanRoundTrip?: number; space?: Space } = {}
  ) {
    this.#places = new Float32Array(nodes * 3)

    for (let node = 0; node < nodes; node += 1) this.#draw(node, space, stream)

    this.#toTicks =
      meanRoundTrip == null ? MILLISECOND / 2 : meanRoundTrip / 2 / space.meanRoundTrip
  }

  oneWay(from: number, to: number): number {
    const places = this.#places
    const a = from * 3
    const b = to * 3
    const distance = length2(places[a]! - places[b]!, places[a + 1]! - places[b + 1]!)

    return Math.ceil((distance + (places[a + 2]! + places[b + 2]!)) * this.#toTicks)
  }

  #draw(
    node: number,
    { clusters, medianHeight, heightDeviation }: Space,
    stream: RandomStream
  ): void {
    const pick = stream.uniform()
    const cluster = clusters.find(one => pick < one.cumulative) ?? clusters.at(-1)!

    this.#places[node * 3] = cluster.x + cluster.spread * normal(stream)
    this.#places[node * 3 + 1] = cluster.y + cluster.spread * normal(stream)
    this.#places[node * 3 + 2] = exp(log(medianHeight) + heightDeviation * normal(stream))
  }
}
