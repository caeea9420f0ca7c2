import { predict, type Coordinate } from '../../discovery/coordinates/coordinate.ts'
import { observe, ORIGIN } from '../../discovery/coordinates/vivaldi.ts'
import type { RandomStream } from '../engine/random.ts'

export interface Embedding {
  readonly coordinates: readonly Coordinate[]
  /** |predicted - measured| / measured of each pair that the measure kept. */
  readonly errors: Float64Array
}

/** Half of a node's neighbours are its nearest, half any, as in Vivaldi's paper. */
export function neighboursOf(
  node: number,
  nodes: number,
  count: number,
  roundTrip: (a: number, b: number) => number,
  stream: RandomStream
): number[] {
  const others = Array.from({ length: nodes }, (_, other) => other).filter(other => other !== node)
  const near = others
    .toSorted((a, b) => roundTrip(node, a) - roundTrip(node, b))
    .slice(0, Math.floor(count / 2))
  const far = Array.from(
    { length: count - near.length },
    () => others[stream.below(others.length)]!
  )

  return [...near, ...far]
}

/** Lets nodes measure their neighbours in turn until the coordinates have settled, and compares all pairs. */
export function embed(
  nodes: number,
  roundTrip: (a: number, b: number) => number,
  { neighbours, rounds }: { neighbours: number; rounds: number },
  stream: RandomStream
): Embedding {
  const coordinates = Array.from({ length: nodes }, () => ORIGIN)
  const known = Array.from({ length: nodes }, (_, node) =>
    neighboursOf(node, nodes, neighbours, roundTrip, stream)
  )

  for (let round = 0; round < rounds; round += 1) {
    for (let node = 0; node < nodes; node += 1) {
      const other = known[node]![stream.below(neighbours)]!

      coordinates[node] = observe(
        coordinates[node]!,
        { other: coordinates[other]!, roundTrip: roundTrip(node, other) },
        () => stream.uniform()
      )
    }
  }

  return { coordinates, errors: errorsOf(coordinates, nodes, roundTrip) }
}

function errorsOf(
  coordinates: readonly Coordinate[],
  nodes: number,
  roundTrip: (a: number, b: number) => number
): Float64Array {
  const errors = new Float64Array((nodes * (nodes - 1)) / 2)
  let at = 0

  for (let a = 0; a < nodes; a += 1) {
    for (let b = a + 1; b < nodes; b += 1) {
      const measured = roundTrip(a, b)

      errors[at] = Math.abs(predict(coordinates[a]!, coordinates[b]!) - measured) / measured
      at += 1
    }
  }

  return errors.toSorted()
}
