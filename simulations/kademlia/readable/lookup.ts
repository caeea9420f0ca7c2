import { distance } from '../identifiers.ts'
import { SHORTLIST, type KademliaSettings } from '../settings.ts'
import type { LookupOrder, Walk } from './walk.ts'

export type ContactState = 'known' | 'asked' | 'answered' | 'failed'

interface Entry {
  readonly id: number
  readonly distance: number
  /** Requests one after another that lead to it. */
  readonly hops: number
  state: ContactState
}

/** One iterative lookup: what it knows, whom to ask next and whether it is over. */
export class Lookup implements Walk {
  readonly order: LookupOrder
  readonly #own: number
  readonly #settings: KademliaSettings
  /** Nearest first. */
  readonly #entries: Entry[] = []
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
    for (let at = from; at < from + count; at += 1) this.#insert(ids[at]!, hops)
  }

  /** The nearest contact that is to be asked now, noted as asked. */
  next(): number | undefined {
    if (this.pending >= this.#settings.alpha) return undefined

    let looked = 0

    for (const entry of this.#entries) {
      if (entry.state === 'failed') continue
      if (looked === this.#settings.k) return undefined
      looked += 1

      if (entry.state === 'known') {
        entry.state = 'asked'
        this.pending += 1
        this.requests += 1

        return entry.id
      }
    }

    return undefined
  }

  /** The hops to a contact that has answered or failed, or undefined where nearer ones have pushed it out. */
  settle(id: number, state: 'answered' | 'failed'): number | undefined {
    const entry = this.#find(id)

    this.pending -= 1
    if (state === 'failed') this.timeouts += 1
    if (entry != null) entry.state = state

    return entry?.hops
  }

  /** Whether the nearest contacts have answered, as many as are needed or as there are. */
  isDone(): boolean {
    let missing = this.order.needed

    for (const { state } of this.#entries) {
      if (state === 'answered') missing -= 1
      else if (state !== 'failed') return false

      if (missing === 0) return true
    }

    return true
  }

  /** Those that answered, nearest first. */
  get nearest(): readonly { readonly id: number; readonly hops: number }[] {
    return this.#entries.filter(({ state }) => state === 'answered').slice(0, this.#settings.k)
  }

  #find(id: number): Entry | undefined {
    for (const entry of this.#entries) if (entry.id === id) return entry

    return undefined
  }

  #insert(id: number, hops: number): void {
    const entries = this.#entries
    const away = distance(id, this.order.target)
    const at = this.#placeOf(away)

    if (id === this.#own || at === this.#longest || entries[at]?.distance === away) return

    const entry: Entry = { id, distance: away, hops, state: 'known' }

    if (entries.length < this.#longest) entries.push(entry)

    // By hand: `splice` makes a list of what it took out, which is nothing.
    for (let place = entries.length - 1; place > at; place -= 1)
      entries[place] = entries[place - 1]!
    entries[at] = entry
  }

  /** Of the first entry that is not nearer. */
  #placeOf(away: number): number {
    const entries = this.#entries
    let low = 0
    let high = entries.length

    if (high === this.#longest && entries[high - 1]!.distance < away) return high

    while (low < high) {
      const middle = (low + high) >>> 1

      if (entries[middle]!.distance < away) low = middle + 1
      else high = middle
    }

    return low
  }
}
