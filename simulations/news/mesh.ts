import type { RandomStream } from '../engine/random.ts'

export interface MeshOptions {
  readonly nodes: number
  readonly friends: (node: number) => readonly number[]
  /** Peers at random beside them. */
  readonly extra: (node: number) => number
}

/** Whom each node is connected to: its friends, and others at random. A connection goes both ways. */
export function connectMesh(
  { nodes, friends, extra }: MeshOptions,
  stream: RandomStream
): number[][] {
  const all = Array.from({ length: nodes }, (_, node) => new Set(friends(node)))

  for (const [node, neighbours] of all.entries()) {
    for (let count = extra(node); count > 0; count -= 1) neighbours.add(stream.below(nodes))
    neighbours.delete(node)
  }
  for (const [node, neighbours] of all.entries()) {
    for (const other of neighbours) all[other]!.add(node)
  }

  return all.map(neighbours => [...neighbours])
}
