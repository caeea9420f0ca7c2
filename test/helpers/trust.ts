import { TrustGraph } from '../../identity/trust/graph.ts'
import { Parties } from '../../identity/trust/parties.ts'
import { accept } from '../../identity/trust/acceptance.ts'

/** A graph from lines such as `me > alice bob`; all edges have the level. */
export function graphOf(lines: readonly string[], level = 1, salt = 'salt'): TrustGraph {
  const graph = new TrustGraph(new Parties(salt))

  for (const line of lines) {
    const [from = '', targets = ''] = line.split(' > ')

    for (const to of targets.split(' ')) {
      graph.set({ from: graph.parties.intern(from), to: graph.parties.intern(to), level })
    }
  }

  return graph
}

/** Whom `root` accepts, itself left out, by name. */
export function acceptedBy(
  graph: TrustGraph,
  root: string,
  capacities: readonly number[],
  level = 1
): string[] {
  const handle = graph.parties.intern(root)

  return accept(graph, { root: handle, level, capacities })
    .accepted.filter(each => each !== handle)
    .map(each => graph.parties.name(each))
}
