import { FlowNetworkBuilder, sendLargestFlow, type FlowNetwork } from './flow-network.ts'
import type { TrustGraph } from './graph.ts'

/** How many parties one vouches for by its distance: oneself, whom one trusts, whom those trust … */
export const DEFAULT_CAPACITIES: readonly number[] = [200, 50, 12, 4, 2, 1]

/** Capacities are 32-bit, and nobody knows so many. */
const MAX_MAP_SIZE = 1_000_000

export interface AcceptanceOptions {
  readonly root: number
  /** Edges below this level count for nothing. */
  readonly level: number
  readonly capacities: readonly number[]
}

/** Whom the root accepts. */
export interface Acceptance {
  readonly root: number
  /** Handles, the root first, by distance. */
  readonly accepted: readonly number[]
  /** Steps from the root; undefined for a party that is not accepted. */
  readonly distance: (handle: number) => number | undefined
  /** Who passed acceptance on to a party: those that stand before it in the flow. */
  readonly vouchers: (handle: number) => number[]
}

/** `DEFAULT_CAPACITIES` for a map of another size. */
export function scaleCapacities(mapSize: number): number[] {
  const [whole = 1] = DEFAULT_CAPACITIES
  const scale = Math.min(Math.max(Math.ceil(mapSize), 1), MAX_MAP_SIZE) / whole

  return DEFAULT_CAPACITIES.map(capacity => Math.max(1, Math.ceil(capacity * scale)))
}

/**
 * Advogato's metric: each party can pass on one less than its capacity, each accepted one takes one, and the largest flow from the root
 * says who is accepted. However many false parties the confused ones lead to, no more of them get in than the sum of what the
 * confused pass on. (R. Levien, "Attack-resistant trust metrics", 2003.)
 */
export function accept(graph: TrustGraph, options: AcceptanceOptions): Acceptance {
  const reach = reachFrom(graph, options)
  const { network, vouches } = networkOf(graph, reach, options)

  sendLargestFlow(network)

  return readFlow(reach, network, vouches, options.root)
}

interface Reach {
  /** Handles in the order of distance. */
  readonly order: readonly number[]
  readonly distances: readonly number[]
  /** Place in `order` by handle, -1 for those out of reach. */
  readonly places: Int32Array
}

/** Whoever is further away than there are capacities gets none. */
function reachFrom(graph: TrustGraph, { root, level, capacities }: AcceptanceOptions): Reach {
  const order = [root]
  const distances = [0]
  const places = new Int32Array(graph.size).fill(-1)

  places[root] = 0

  for (let at = 0; at < order.length; at++) {
    const distance = distances[at]! + 1
    const targets = graph.targets(order[at]!)
    const levels = graph.levels(order[at]!)

    if (distance >= capacities.length) break

    for (let index = 0; index < targets.length; index++) {
      const target = targets[index]!

      if (levels[index]! >= level && places[target] === -1) {
        places[target] = order.length
        order.push(target)
        distances.push(distance)
      }
    }
  }

  return { order, distances, places }
}

interface Vouches {
  /** Places of both ends of each arc that stands for an edge of the graph. */
  readonly from: Int32Array
  readonly to: Int32Array
  readonly arc: Int32Array
  readonly count: number
  /** By place, the arc by which a party is accepted itself. */
  readonly accepting: Int32Array
}

/** A party at place `p` is vertex `2p`, where it is accepted, and vertex `2p + 1`, where it passes on. */
function networkOf(
  graph: TrustGraph,
  { order, distances, places }: Reach,
  { level, capacities }: AcceptanceOptions
): { network: FlowNetwork; vouches: Vouches } {
  const sink = 2 * order.length
  const edges = order.reduce((sum, handle) => sum + graph.targets(handle).length, 0)
  const builder = new FlowNetworkBuilder(sink + 1, edges + 2 * order.length)
  const [from, to, arcs] = [new Int32Array(edges), new Int32Array(edges), new Int32Array(edges)]
  const accepting = new Int32Array(order.length)
  const [whole = 1] = capacities
  let count = 0
  let arc = 0

  for (let place = 0; place < order.length; place++) {
    const passedOn = (capacities[distances[place]!] ?? 0) - 1

    builder.add(2 * place, sink, 1)
    accepting[place] = arc
    arc += 2
    if (passedOn <= 0) continue

    builder.add(2 * place, 2 * place + 1, passedOn)
    arc += 2

    const targets = graph.targets(order[place]!)
    const levels = graph.levels(order[place]!)

    for (let index = 0; index < targets.length; index++) {
      const target = places[targets[index]!]!

      // Nothing needs to flow back to the root.
      if (levels[index]! < level || target <= 0) continue

      builder.add(2 * place + 1, 2 * target, whole)
      from[count] = place
      to[count] = target
      arcs[count++] = arc
      arc += 2
    }
  }

  return { network: builder.build(0, sink), vouches: { from, to, arc: arcs, count, accepting } }
}

function readFlow(
  { order, distances, places }: Reach,
  { residual }: FlowNetwork,
  vouches: Vouches,
  root: number
): Acceptance {
  const isAccepted = (place: number): boolean => residual[vouches.accepting[place]!] === 0

  return {
    root,
    accepted: order.filter((_, place) => isAccepted(place)),
    distance: handle => {
      const place = places[handle] ?? -1

      return place === -1 || !isAccepted(place) ? undefined : distances[place]
    },
    vouchers: handle => {
      const place = places[handle] ?? -1
      const found: number[] = []

      for (let index = 0; index < vouches.count; index++) {
        // What the way back can carry is what flows.
        if (vouches.to[index] === place && residual[vouches.arc[index]! ^ 1]! > 0) {
          found.push(order[vouches.from[index]!]!)
        }
      }

      return found
    }
  }
}
