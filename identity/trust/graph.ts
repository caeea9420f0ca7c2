import type { Parties } from './parties.ts'

export interface Edge {
  readonly from: number
  readonly to: number
  /** 1–3 */
  readonly level: number
}

/** Who trusts whom, by handle. The edges of a party stand in the order of the parties, so that the same statements give the same map however they came. */
export class TrustGraph {
  readonly parties: Parties
  readonly #targets: number[][] = []
  readonly #levels: number[][] = []
  #edges = 0

  constructor(parties: Parties) {
    this.parties = parties
  }

  get edges(): number {
    return this.#edges
  }

  /** Level 0 takes the edge away; an edge to oneself is none. */
  set({ from, to, level }: Edge): void {
    if (from === to) return

    const targets = (this.#targets[from] ??= [])
    const levels = (this.#levels[from] ??= [])
    const at = this.#position(targets, to)
    const isThere = targets[at] === to

    if (level === 0) {
      if (isThere) {
        targets.splice(at, 1)
        levels.splice(at, 1)
        this.#edges--
      }
    } else if (isThere) {
      levels[at] = level
    } else {
      targets.splice(at, 0, to)
      levels.splice(at, 0, level)
      this.#edges++
    }
  }

  /** The level of an edge, 0 where there is none. */
  level(from: number, to: number): number {
    const targets = this.targets(from)
    const at = this.#position(targets, to)

    return targets[at] === to ? (this.levels(from)[at] ?? 0) : 0
  }

  /** Whom a party trusts, in the order of the parties. */
  targets(from: number): readonly number[] {
    return this.#targets[from] ?? []
  }

  /** The levels of `targets`, in the same order. */
  levels(from: number): readonly number[] {
    return this.#levels[from] ?? []
  }

  /** Where `to` stands among the targets, or would. */
  #position(targets: readonly number[], to: number): number {
    let low = 0
    let high = targets.length

    while (low < high) {
      const middle = (low + high) >>> 1

      if (this.parties.isBefore(targets[middle] ?? 0, to)) low = middle + 1
      else high = middle
    }

    return low
  }
}
