import type { TrustGraph } from './graph.ts'

/** Parties by place, the root at place 0. */
export interface FlowParties {
  /** Handle of the party at a place. */
  readonly handles: readonly number[]
  /** Place of the party with a handle, -1 for those left out. */
  readonly places: Int32Array
  /** How much a party may pass on, by place. */
  readonly passing: Int32Array
}

const NOWHERE = -1

/**
 * The largest flow of acceptance from the root: each party takes one unit and passes on at most so many. A party at place `p` is vertex
 * `2p`, where units come in and one is taken, and vertex `2p + 1`, from where they go to whom it trusts. Units always go along
 * shortest augmenting paths (E. A. Dinic, 1970), from which follows that whoever passes on has taken one itself.
 */
export class TrustFlow {
  readonly #graph: TrustGraph
  readonly #parties: FlowParties
  readonly #level: number
  readonly #taken: Uint8Array
  readonly #passed: Int32Array
  /** Who gives to a party, and how much, by place. */
  readonly #givers: number[][]
  readonly #amounts: number[][]
  readonly #depth: Int32Array
  readonly #cursor: Int32Array
  readonly #queue: Int32Array

  constructor(graph: TrustGraph, parties: FlowParties, level: number) {
    const count = parties.handles.length

    this.#graph = graph
    this.#parties = parties
    this.#level = level
    this.#taken = new Uint8Array(count)
    this.#passed = new Int32Array(count)
    this.#givers = Array.from({ length: count }, () => [])
    this.#amounts = Array.from({ length: count }, () => [])
    this.#depth = new Int32Array(2 * count)
    this.#cursor = new Int32Array(2 * count)
    this.#queue = new Int32Array(2 * count)

    while (this.#measureDepth()) this.#sendAlongShortest()
  }

  isAccepted(place: number): boolean {
    return this.#taken[place] === 1
  }

  /** Places of those who pass acceptance on to a party. */
  givers(place: number): readonly number[] {
    return (this.#givers[place] ?? []).filter((_, index) => this.#amounts[place]![index]! > 0)
  }

  /** Whether anybody who has not taken a unit can be reached. */
  #measureDepth(): boolean {
    const [depth, queue] = [this.#depth, this.#queue]
    let end = 1

    depth.fill(NOWHERE)
    this.#cursor.fill(0)
    depth[0] = 0
    queue[0] = 0

    for (let at = 0; at < end; at++) {
      const vertex = queue[at]!

      // Nothing deeper lies on a shortest path.
      if (vertex % 2 === 0 && this.#taken[vertex >> 1] === 0) return true
      end = this.#enqueueNext(vertex, end)
    }

    return false
  }

  #enqueueNext(vertex: number, start: number): number {
    const [depth, queue] = [this.#depth, this.#queue]
    const below = depth[vertex]! + 1
    const place = vertex >> 1
    let end = start

    if (vertex % 2 === 0) {
      for (let index = 0; ; index++) {
        const to = this.#fromInside(place, index)

        if (to === undefined) return end
        if (to !== NOWHERE && depth[to] === NOWHERE) {
          depth[to] = below
          queue[end++] = to
        }
      }
    }

    if (this.#passed[place]! > 0 && depth[vertex - 1] === NOWHERE) {
      depth[vertex - 1] = below
      queue[end++] = vertex - 1
    }

    const targets = this.#graph.targets(this.#parties.handles[place]!)
    const levels = this.#graph.levels(this.#parties.handles[place]!)

    for (let index = 0; index < targets.length; index++) {
      const to = 2 * this.#parties.places[targets[index]!]!

      if (to >= 0 && depth[to] === NOWHERE && levels[index]! >= this.#level) {
        depth[to] = below
        queue[end++] = to
      }
    }

    return end
  }

  #sendAlongShortest(): void {
    const path = [0]

    for (;;) {
      const vertex = path.at(-1)!

      if (vertex % 2 === 0 && this.#taken[vertex >> 1] === 0) {
        this.#augment(path)
        path.length = 1
        continue
      }

      const to = this.#advance(vertex)

      if (to !== NOWHERE) {
        path.push(to)
      } else if (path.length > 1) {
        // A dead end: back one step, and that way is not tried again.
        path.pop()
        this.#cursor[path.at(-1)!]!++
      } else {
        return
      }
    }
  }

  /** The next vertex on a shortest path that was not tried in vain; `NOWHERE` where there is none. */
  #advance(vertex: number): number {
    const below = this.#depth[vertex]! + 1
    const place = vertex >> 1
    let index = this.#cursor[vertex]!
    let found = NOWHERE

    if (vertex % 2 === 0) {
      for (; found === NOWHERE; index++) {
        const to = this.#fromInside(place, index)

        if (to === undefined) break
        if (to !== NOWHERE && this.#depth[to] === below) found = to
      }
    } else {
      const targets = this.#graph.targets(this.#parties.handles[place]!)
      const levels = this.#graph.levels(this.#parties.handles[place]!)

      if (index === 0) {
        if (this.#passed[place]! > 0 && this.#depth[vertex - 1] === below) found = vertex - 1
        index++
      }

      for (; found === NOWHERE && index <= targets.length; index++) {
        const to = 2 * this.#parties.places[targets[index - 1]!]!

        if (to >= 0 && this.#depth[to] === below && levels[index - 1]! >= this.#level) found = to
      }
    }

    // The way that is taken is tried again until it leads nowhere.
    this.#cursor[vertex] = found === NOWHERE ? index : index - 1

    return found
  }

  /** First to pass on, then to give back to a giver; undefined after the last. */
  #fromInside(place: number, index: number): number | undefined {
    if (index === 0) {
      return this.#passed[place]! < this.#parties.passing[place]! ? 2 * place + 1 : NOWHERE
    }

    const giver = this.#givers[place]![index - 1]

    if (giver === undefined) return undefined

    return this.#amounts[place]![index - 1]! > 0 ? 2 * giver + 1 : NOWHERE
  }

  #augment(path: readonly number[]): void {
    for (let step = 1; step < path.length; step++) {
      const [from, to] = [path[step - 1]!, path[step]!]
      const [giver, taker] = [from >> 1, to >> 1]

      if (giver === taker) this.#passed[giver]! += from % 2 === 0 ? 1 : -1
      else if (from % 2 === 1) this.#give(giver, taker, 1)
      else this.#give(taker, giver, -1)
    }

    this.#taken[path.at(-1)! >> 1] = 1
  }

  #give(giver: number, taker: number, amount: number): void {
    const [givers, amounts] = [this.#givers[taker]!, this.#amounts[taker]!]
    const at = givers.indexOf(giver)

    if (at === -1) {
      givers.push(giver)
      amounts.push(amount)
    } else {
      amounts[at]! += amount
    }
  }
}
