import { FlowNetworkBuilder, sendLargestFlow, type FlowNetwork } from './flow-network.ts'
import type { TrustGraph } from './graph.ts'

export interface PathsOptions {
  readonly root: number
  readonly target: number
  /** Edges below this level count for nothing. */
  readonly level: number
  /** Parties that paths may lead through. */
  readonly through: Iterable<number>
  /** No more paths than these are looked for. */
  readonly wanted: number
}

/** Paths from root to target that share nobody between, each with both ends; as many as there are, up to those wanted. */
export function disjointPaths(graph: TrustGraph, options: PathsOptions): number[][] {
  const order = [...new Set([options.root, ...options.through, options.target])]
  const network = networkOf(graph, order, options)

  sendLargestFlow(network)

  return Array.from({ length: options.wanted }, () => takePath(network, order)).filter(
    path => path.length > 0
  )
}

/** The party at place `p` is entered at vertex `2p` and left at `2p + 1`, once. */
function networkOf(
  graph: TrustGraph,
  order: readonly number[],
  { root, target, level, wanted }: PathsOptions
): FlowNetwork {
  const places = new Map(order.map((handle, place) => [handle, place]))
  const edges = order.reduce((sum, handle) => sum + graph.targets(handle).length, 0)
  const builder = new FlowNetworkBuilder(2 * order.length, edges + order.length)

  for (const [place, handle] of order.entries()) {
    if (handle === target) continue
    builder.add(2 * place, 2 * place + 1, handle === root ? wanted : 1)

    for (const [index, to] of graph.targets(handle).entries()) {
      const next = places.get(to)

      if (next != null && to !== root && (graph.levels(handle)[index] ?? 0) >= level) {
        builder.add(2 * place + 1, 2 * next, 1)
      }
    }
  }

  return builder.build(0, 2 * (places.get(target) ?? 0))
}

/** Follows one unit of flow and takes it away. */
function takePath(
  { source, sink, first, next, head, residual }: FlowNetwork,
  order: readonly number[]
): number[] {
  const path: number[] = []
  let vertex = source

  while (vertex !== sink) {
    let arc = first[vertex] ?? -1

    // Arcs with an even number lead forward; what flows there is what their way back can carry.
    while (arc !== -1 && (arc % 2 === 1 || residual[arc ^ 1] === 0)) arc = next[arc] ?? -1
    if (arc === -1) return []

    residual[arc ^ 1]!--
    if (vertex % 2 === 0) path.push(order[vertex / 2]!)
    vertex = head[arc]!
  }

  return [...path, order[sink / 2]!]
}
