import type { TrustGraph } from './graph.ts'
import { TrustFlow } from './trust-flow.ts'

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
  /** Whether it matters whom a party trusts. */
  readonly passesOn: (handle: number) => boolean
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
  const { handles, distances, places } = reachFrom(graph, options)
  const passing = Int32Array.from(distances, at => (options.capacities[at] ?? 1) - 1)
  const flow = new TrustFlow(graph, { handles, places, passing }, options.level)
  const placeOf = (handle: number): number => places[handle] ?? -1

  return {
    root: options.root,
    accepted: handles.filter((_, place) => flow.isAccepted(place)),
    distance: handle => (flow.isAccepted(placeOf(handle)) ? distances[placeOf(handle)] : undefined),
    passesOn: handle => (passing[placeOf(handle)] ?? 0) > 0,
    vouchers: handle => flow.givers(placeOf(handle)).map(place => handles[place]!)
  }
}

interface Reach {
  /** Handles in the order of distance. */
  readonly handles: readonly number[]
  readonly distances: readonly number[]
  readonly places: Int32Array
}

/** Whoever is further away than there are capacities gets none. */
function reachFrom(graph: TrustGraph, { root, level, capacities }: AcceptanceOptions): Reach {
  const handles = [root]
  const distances = [0]
  const places = new Int32Array(graph.parties.size).fill(-1)

  places[root] = 0

  for (let at = 0; at < handles.length; at++) {
    const distance = distances[at]! + 1
    const targets = graph.targets(handles[at]!)
    const levels = graph.levels(handles[at]!)

    if (distance >= capacities.length) break

    for (let index = 0; index < targets.length; index++) {
      const target = targets[index]!

      if (levels[index]! >= level && places[target] === -1) {
        places[target] = handles.length
        handles.push(target)
        distances.push(distance)
      }
    }
  }

  return { handles, distances, places }
}
