/** A party to trust: the key that signs, by the fingerprint in its address, or any other text that names it. */
export type Party = string

export interface Edge {
  readonly from: number
  readonly to: number
  /** 1–3 */
  readonly level: number
}

/** FNV-1a, 32 bits. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * Who trusts whom, with handles in place of names. The edges of a party are kept in an order that depends on its name and the salt alone,
 * so that the same statements give the same map however they came, and nobody who does not know the salt can choose a name that comes first.
 */
export class TrustGraph {
  readonly #salt: string
  readonly #handles = new Map<Party, number>()
  readonly #parties: Party[] = []
  readonly #ranks: number[] = []
  readonly #targets: number[][] = []
  readonly #levels: number[][] = []
  #edges = 0

  constructor(salt: string) {
    this.#salt = salt
  }

  /** Parties are numbered from 0 in the order in which they were first named. */
  get size(): number {
    return this.#parties.length
  }

  get edges(): number {
    return this.#edges
  }

  /** The handle of a party, which is given one where it has none. */
  intern(party: Party): number {
    const known = this.#handles.get(party)

    if (known != null) return known

    const handle = this.#parties.length

    this.#handles.set(party, handle)
    this.#parties.push(party)
    this.#ranks.push(hash(this.#salt + party))
    this.#targets.push([])
    this.#levels.push([])

    return handle
  }

  handle(party: Party): number | undefined {
    return this.#handles.get(party)
  }

  party(handle: number): Party {
    const party = this.#parties[handle]

    if (party == null) throw new RangeError(`No party has the handle ${handle}`)

    return party
  }

  clear(): void {
    this.#handles.clear()
    this.#edges = 0
    for (const list of [this.#parties, this.#ranks, this.#targets, this.#levels]) list.length = 0
  }

  /** Level 0 takes the edge away; an edge to oneself is none. */
  set({ from, to, level }: Edge): void {
    const targets = this.#targets[from]
    const levels = this.#levels[from]

    if (targets == null || levels == null || from === to) return

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
    const targets = this.#targets[from] ?? []
    const at = this.#position(targets, to)

    return targets[at] === to ? (this.#levels[from]?.[at] ?? 0) : 0
  }

  /** Whom a party trusts, in the order of the graph. */
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

      if (this.#isBefore(targets[middle] ?? 0, to)) low = middle + 1
      else high = middle
    }

    return low
  }

  #isBefore(a: number, b: number): boolean {
    const [rankA = 0, rankB = 0] = [this.#ranks[a], this.#ranks[b]]

    return rankA === rankB ? (this.#parties[a] ?? '') < (this.#parties[b] ?? '') : rankA < rankB
  }
}

function hash(text: string): number {
  let value = FNV_OFFSET

  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME)
  }

  return value >>> 0
}
