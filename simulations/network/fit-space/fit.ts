import { exp, log } from '../../engine/pinned-math.ts'
import { Streams } from '../../engine/random.ts'
import { embed } from '../../vivaldi/embed.ts'
import { MILLISECOND } from '../../engine/ticks.ts'
import { PlaneLatency } from '../latency.ts'
import { meanOf } from '../matrix.ts'
import type { Cluster, Space } from '../space.ts'

const CLUSTERS = 8
const ITERATIONS = 100
const EMBEDDING = { neighbours: 64, rounds: 3000 }
const SEED = 1

/** Hosts of one machine room measure less than this, in ms, and the clock's error would count for much. */
const LEAST_ROUND_TRIP = 0.2

/** Nodes drawn to see what a space's mean round trip is. */
const DRAWN = 1000

/** Embeds a matrix of round trips, groups the hosts and sums them up as a space to draw from. */
export function fitSpace(roundTrips: readonly Float64Array[]): Space {
  const streams = new Streams(SEED)
  const { coordinates } = embed(
    roundTrips.length,
    (a, b) => Math.max(LEAST_ROUND_TRIP, roundTrips[a]![b]!),
    EMBEDDING,
    streams.stream('vivaldi')
  )
  const plane = {
    x: Float64Array.from(coordinates, ({ x }) => x),
    y: Float64Array.from(coordinates, ({ y }) => y)
  }
  const groups = groupsOf(plane, roundTrips.length)
  const logs = coordinates.map(({ height }) => log(height))
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length
  const space = {
    clusters: clustersOf(groups, plane),
    medianHeight: exp(mean),
    heightDeviation: Math.sqrt(variance),
    meanRoundTrip: meanOf(roundTrips)
  }

  return { ...space, meanRoundTrip: drawnMean(space) }
}

/** Where the hosts are, their access lines left out. */
interface Plane {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Round trips between nodes drawn from a space, in ms, ascending. */
export function drawnRoundTrips(space: Space): Float64Array {
  const latency = new PlaneLatency(DRAWN, new Streams(SEED).stream('places'), { space })

  return Float64Array.from(
    { length: DRAWN / 2 },
    (_, pair) => (2 * latency.oneWay(2 * pair, 2 * pair + 1)) / MILLISECOND
  ).toSorted()
}

function drawnMean(space: Space): number {
  const drawn = drawnRoundTrips(space)

  return drawn.reduce((sum, value) => sum + value, 0) / drawn.length
}

/** Lloyd's k-means, begun with hosts as far from each other as can be. */
function groupsOf({ x, y }: Plane, hosts: number): number[][] {
  const all = Array.from({ length: hosts }, (_, host) => host)
  const away = (host: number, [cx, cy]: readonly [number, number]): number =>
    (x[host]! - cx) ** 2 + (y[host]! - cy) ** 2
  const nearest = (host: number, centres: readonly (readonly [number, number])[]): number =>
    Math.min(...centres.map(centre => away(host, centre)))
  let centres: (readonly [number, number])[] = [[x[0]!, y[0]!]]

  while (centres.length < CLUSTERS) {
    const next = all.toSorted((a, b) => nearest(b, centres) - nearest(a, centres))[0]!

    centres.push([x[next]!, y[next]!])
  }

  let groups: number[][] = []

  for (let round = 0; round < ITERATIONS; round += 1) {
    const found: number[][] = centres.map(() => [])

    for (const host of all) {
      const distances = centres.map(centre => away(host, centre))

      found[distances.indexOf(Math.min(...distances))]!.push(host)
    }
    groups = found.filter(group => group.length > 0)
    centres = groups.map(group => [meanFor(group, x), meanFor(group, y)])
  }

  return groups
}

function clustersOf(groups: readonly number[][], { x, y }: Plane): Cluster[] {
  const hosts = groups.reduce((sum, group) => sum + group.length, 0)
  let count = 0

  return groups.map(group => {
    const [cx, cy] = [meanFor(group, x), meanFor(group, y)]
    const square = group.reduce((sum, host) => sum + (x[host]! - cx) ** 2 + (y[host]! - cy) ** 2, 0)

    count += group.length

    return { x: cx, y: cy, spread: Math.sqrt(square / group.length / 2), cumulative: count / hosts }
  })
}

function meanFor(group: readonly number[], values: Float64Array): number {
  return group.reduce((sum, host) => sum + values[host]!, 0) / group.length
}
