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
  const search = new PathSearch(graph, options)
  let found = 0

  while (found < options.wanted && search.addPath()) found++

  return search.paths()
}

/** A party is entered at vertex `2h` and left at `2h + 1`, by one path at most. */
class PathSearch {
  readonly #graph: TrustGraph
  readonly #options: PathsOptions
  readonly #through: ReadonlySet<number>
  /** Steps on the paths that were found, by vertex. */
  readonly #next = new Map<number, Set<number>>()

  constructor(graph: TrustGraph, options: PathsOptions) {
    this.#graph = graph
    this.#options = options
    this.#through = new Set(options.through)
  }

  /** Finds room for one path more, turning those there are aside where needed (Ford and Fulkerson). */
  addPath(): boolean {
    const { root, target } = this.#options
    const [source, sink] = [2 * root + 1, 2 * target]
    const cameFrom = new Map([[source, source]])

    for (const [vertex] of cameFrom) {
      if (vertex === sink) {
        this.#take(cameFrom, source, sink)

        return true
      }

      for (const to of this.#steps(vertex)) if (!cameFrom.has(to)) cameFrom.set(to, vertex)
    }

    return false
  }

  paths(): number[][] {
    const { root, target } = this.#options

    return [...this.#used(2 * root + 1)].map(first => {
      const path = [root]

      for (let vertex = first; vertex !== 2 * target; [vertex = 2 * target] = this.#used(vertex)) {
        if (vertex % 2 === 0) path.push(vertex / 2)
      }

      return [...path, target]
    })
  }

  /** Where a further path may go: over what no path uses, or back over what one does. */
  *#steps(vertex: number): Generator<number> {
    for (const to of this.#forward(vertex)) if (!this.#used(vertex).has(to)) yield to
    for (const [from, steps] of this.#next) if (steps.has(vertex)) yield from
  }

  *#forward(vertex: number): Generator<number> {
    const { root, target, level } = this.#options
    const handle = vertex >> 1

    if (vertex % 2 === 0) {
      yield vertex + 1

      return
    }

    for (const [index, to] of this.#graph.targets(handle).entries()) {
      const isOpen = to === target || (to !== root && this.#through.has(to))

      if (isOpen && (this.#graph.levels(handle)[index] ?? 0) >= level) yield 2 * to
    }
  }

  #take(cameFrom: ReadonlyMap<number, number>, source: number, sink: number): void {
    for (let to = sink; to !== source;) {
      const from = cameFrom.get(to) ?? source

      // A step back takes away the step that it goes against.
      if (!this.#used(to).delete(from)) this.#next.set(from, this.#used(from).add(to))
      to = from
    }
  }

  #used(vertex: number): Set<number> {
    return this.#next.get(vertex) ?? new Set()
  }
}
