/** Arcs with capacities, and the largest flow through them. */
export interface FlowNetwork {
  readonly source: number
  readonly sink: number
  readonly vertices: number
  /** First arc of each vertex, -1 where there is none. */
  readonly first: Int32Array
  /** The next arc of the same vertex, -1 after the last. */
  readonly next: Int32Array
  readonly head: Int32Array
  /** What an arc can still carry. Arc `a ^ 1` is the way back of arc `a`. */
  readonly residual: Int32Array
}

export interface Arc {
  readonly from: number
  readonly to: number
  readonly capacity: number
}

/** Collects arcs; those that were added first are tried first. */
export class FlowNetworkBuilder {
  readonly #last: Int32Array
  readonly #first: Int32Array
  readonly #next: Int32Array
  readonly #head: Int32Array
  readonly #residual: Int32Array
  #arcs = 0

  constructor(vertices: number, maxArcs: number) {
    this.#first = new Int32Array(vertices).fill(-1)
    this.#last = new Int32Array(vertices).fill(-1)
    this.#next = new Int32Array(2 * maxArcs).fill(-1)
    this.#head = new Int32Array(2 * maxArcs)
    this.#residual = new Int32Array(2 * maxArcs)
  }

  add(from: number, to: number, capacity: number): void {
    this.#append(from, to, capacity)
    this.#append(to, from, 0)
  }

  build(source: number, sink: number): FlowNetwork {
    return {
      source,
      sink,
      vertices: this.#first.length,
      first: this.#first,
      next: this.#next,
      head: this.#head,
      residual: this.#residual
    }
  }

  #append(from: number, to: number, capacity: number): void {
    const arc = this.#arcs++
    const last = this.#last[from] ?? -1

    this.#head[arc] = to
    this.#residual[arc] = capacity
    if (last === -1) this.#first[from] = arc
    else this.#next[last] = arc
    this.#last[from] = arc
  }
}

/**
 * Sends the largest flow from source to sink, always along shortest augmenting paths, and returns how much it is; what is left
 * of each arc stands in `residual` afterwards. (E. A. Dinic, 1970.)
 */
export function sendLargestFlow(network: FlowNetwork): number {
  const depth = new Int32Array(network.vertices)
  const current = new Int32Array(network.vertices)
  const path = new Int32Array(network.vertices)
  let flow = 0

  while (measureDepth(network, depth)) {
    current.set(network.first)
    flow += sendBlockingFlow(network, depth, current, path)
  }

  return flow
}

/** Whether the sink can still be reached. */
function measureDepth(network: FlowNetwork, depth: Int32Array): boolean {
  const { source, sink, first, next, head, residual } = network
  const queue = new Int32Array(network.vertices)
  let end = 1

  depth.fill(-1)
  depth[source] = 0
  queue[0] = source

  for (let at = 0; at < end; at++) {
    const vertex = queue[at]!
    const below = depth[vertex]! + 1

    for (let arc = first[vertex]!; arc !== -1; arc = next[arc]!) {
      const to = head[arc]!

      if (residual[arc]! > 0 && depth[to] === -1) {
        depth[to] = below
        // Nothing deeper lies on a shortest path.
        if (to === sink) return true
        queue[end++] = to
      }
    }
  }

  return false
}

function sendBlockingFlow(
  { source, sink, next, head, residual }: FlowNetwork,
  depth: Int32Array,
  current: Int32Array,
  path: Int32Array
): number {
  let flow = 0
  let length = 0
  let vertex = source

  for (;;) {
    if (vertex === sink) {
      const amount = narrowest(residual, path, length)

      for (let step = 0; step < length; step++) {
        residual[path[step]!]! -= amount
        residual[path[step]! ^ 1]! += amount
      }

      flow += amount
      length = 0
      vertex = source
    }

    const arc = nextArc(vertex)

    if (arc !== -1) {
      path[length++] = arc
      vertex = head[arc]!
    } else if (vertex === source) {
      return flow
    } else {
      // A dead end: back one step, and that arc is not tried again.
      const back = path[--length]!

      vertex = head[back ^ 1]!
      current[vertex] = next[back]!
    }
  }

  function nextArc(from: number): number {
    const below = depth[from]! + 1
    let arc = current[from]!

    while (arc !== -1 && !(residual[arc]! > 0 && depth[head[arc]!] === below)) arc = next[arc]!
    current[from] = arc

    return arc
  }
}

function narrowest(residual: Int32Array, path: Int32Array, length: number): number {
  let least = residual[path[0]!]!

  for (let step = 1; step < length; step++) least = Math.min(least, residual[path[step]!]!)

  return least
}
