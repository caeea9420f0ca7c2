import { distance } from '../identifiers.ts'
import { SHORTLIST, type KademliaSettings } from '../settings.ts'
import type { LookupOrder, Walk } from './walk.ts'

/** Numbers and not names: lists of small numbers are moved at the least cost. */
const KNOWN = 0
const ASKED = 1
const ANSWERED = 2
const FAILED = 3

/** One iterative lookup: what it knows, whom to ask next and whether it is over. */
export class Lookup implements Walk {
  readonly order: LookupOrder
  readonly #own: number
  readonly #settings: KademliaSettings
  /** Of each contact that may matter, nearest first: its distance, from which its id follows, its state and the requests one after another that lead to it. */
  readonly #distances: number[] = []
  readonly #states: number[] = []
  readonly #hops: number[] = []
  readonly #longest: number
  /** Requests under way. */
  pending = 0
  requests = 0
  timeouts = 0
  isOver = false

  constructor(order: LookupOrder, own: number, settings: KademliaSettings) {
    this.order = order
    this.#own = own
    this.#settings = settings
    this.#longest = SHORTLIST * settings.k
  }

  /** Sorts in `count` of the ids from `from` on. */
  learn(ids: ArrayLike<number>, from: number, count: number, hops: number): void {
    const fresh = this.#freshAmong(ids, from, count)
    const known = this.#distances.length
    let left = known - 1
    let right = fresh.length - 1

    for (let place = known; place < Math.min(known + fresh.length, this.#longest); place += 1)
      this.#put(place, 0, KNOWN, 0)

    // From the far end on, so that nothing is overwritten that is still to be moved.
    for (let place = left + right + 1; right >= 0; place -= 1) {
      if (left >= 0 && this.#distances[left]! > fresh[right]!) {
        if (place < this.#longest)
          this.#put(place, this.#distances[left]!, this.#states[left]!, this.#hops[left]!)
        left -= 1
      } else {
        if (place < this.#longest) this.#put(place, fresh[right]!, KNOWN, hops)
        right -= 1
      }
    }
  }

  /** The nearest contact that is to be asked now, noted as asked. */
  next(): number | undefined {
    if (this.pending >= this.#settings.alpha) return undefined

    let looked = 0

    for (let at = 0; at < this.#states.length && looked < this.#settings.k; at += 1) {
      const state = this.#states[at]

      if (state !== FAILED) looked += 1
      if (state !== KNOWN) continue

      this.#states[at] = ASKED
      this.pending += 1
      this.requests += 1

      return this.#idAt(at)
    }

    return undefined
  }

  /** The hops to a contact that has answered or failed, or undefined where nearer ones have pushed it out. */
  settle(id: number, state: 'answered' | 'failed'): number | undefined {
    const at = this.#distances.indexOf(distance(id, this.order.target))

    this.pending -= 1
    if (state === 'failed') this.timeouts += 1
    if (at === -1) return undefined

    this.#states[at] = state === 'failed' ? FAILED : ANSWERED

    return this.#hops[at]
  }

  /** Whether the nearest contacts have answered, as many as are needed or as there are. */
  isDone(): boolean {
    let missing = this.order.needed

    for (let at = 0; at < this.#states.length && missing > 0; at += 1) {
      const state = this.#states[at]

      if (state === ANSWERED) missing -= 1
      else if (state !== FAILED) return false
    }

    return true
  }

  /** Those that answered, nearest first. */
  get nearest(): readonly { readonly id: number; readonly hops: number }[] {
    const found: { id: number; hops: number }[] = []

    for (let at = 0; at < this.#states.length && found.length < this.#settings.k; at += 1) {
      if (this.#states[at] === ANSWERED) found.push({ id: this.#idAt(at), hops: this.#hops[at]! })
    }

    return found
  }

  #idAt(at: number): number {
    return distance(this.#distances[at]!, this.order.target)
  }

  #put(at: number, away: number, state: number, hops: number): void {
    this.#distances[at] = away
    this.#states[at] = state
    this.#hops[at] = hops
  }

  /** The distances, nearest first, of those that may matter and are not known yet. */
  #freshAmong(ids: ArrayLike<number>, from: number, count: number): number[] {
    const fresh: number[] = []
    const furthest = this.#distances[this.#longest - 1] ?? Infinity

    for (let index = from; index < from + count; index += 1) {
      const away = distance(ids[index]!, this.order.target)

      if (away <= furthest && ids[index] !== this.#own) sortIn(fresh, away)
    }

    return without(fresh, this.#distances)
  }
}

function sortIn(ascending: number[], value: number): void {
  let at = ascending.length

  ascending.push(value)
  while (at > 0 && ascending[at - 1]! > value) {
    ascending[at] = ascending[at - 1]!
    at -= 1
  }
  ascending[at] = value
}

/** The first list less what is in the second; both ascend. */
function without(values: number[], others: readonly number[]): number[] {
  let kept = 0
  let at = 0

  for (const value of values) {
    while (at < others.length && others[at]! < value) at += 1
    if (others[at] === value) continue
    values[kept] = value
    kept += 1
  }
  values.length = kept

  return values
}
