import { SHORTLIST, type KademliaSettings } from '../settings.ts'

const SIGN = -0x80000000
const FIRST_CAPACITY = 64

export const KNOWN = 0
export const ASKED = 1
export const ANSWERED = 2
export const FAILED = 3

/** Words of one lookup; behind them its contacts' distances to the target, nearest first, from which their ids follow, and then their marks. */
export const ORIGIN = 0
export const OWN = 1
export const SESSION = 2
export const TARGET = 3
export const NEEDED = 4
export const PURPOSE = 5
export const TAG = 6
export const PENDING = 7
export const REQUESTS = 8
export const TIMEOUTS = 9
export const OVER = 10
const COUNT = 11
const NEXT_FREE = 12
const DISTANCES = 13

const NONE = -1
const FURTHEST = 0x7fffffff

/** A contact's state stands in the lowest bits of its mark, its hops above. */
const STATE_BITS = 2
const STATE = 3

/** All lookups under way, each one stretch of an array. */
export class Lookups {
  readonly #alpha: number
  readonly #k: number
  readonly #length: number
  readonly #stride: number
  #words: Int32Array
  #started = new Float64Array(FIRST_CAPACITY)
  readonly #scratch: Int32Array
  #free = NONE
  #used = 0

  constructor({ k, alpha }: KademliaSettings) {
    this.#alpha = alpha
    this.#k = k
    this.#length = SHORTLIST * k
    this.#stride = DISTANCES + 2 * this.#length
    this.#words = new Int32Array(FIRST_CAPACITY * this.#stride)
    this.#scratch = new Int32Array(k)
  }

  open(started: number): number {
    const lookup = this.#allocate()
    const at = lookup * this.#stride

    this.#words.fill(0, at, at + DISTANCES)
    this.#started[lookup] = started

    return lookup
  }

  close(lookup: number): void {
    this.set(lookup, NEXT_FREE, this.#free)
    this.#free = lookup
  }

  get(lookup: number, field: number): number {
    return this.#words[lookup * this.#stride + field]!
  }

  set(lookup: number, field: number, value: number): void {
    this.#words[lookup * this.#stride + field] = value
  }

  startedAt(lookup: number): number {
    return this.#started[lookup]!
  }

  /** Sorts contacts in, all reached by so many hops. */
  learn(lookup: number, ids: Int32Array, from: number, count: number, hops: number): void {
    const at = lookup * this.#stride
    const fresh = this.#dropKnown(at, this.#sort(at, ids, from, count))

    if (fresh > 0) this.#merge(at, fresh, hops)
  }

  /** The place of the contact to be asked now, noted as asked, or -1. */
  next(lookup: number): number {
    const words = this.#words
    const at = lookup * this.#stride

    if (words[at + PENDING]! >= this.#alpha) return NONE

    const from = at + DISTANCES + this.#length
    const to = from + words[at + COUNT]!
    let looked = 0

    for (let mark = from; mark < to && looked < this.#k; mark += 1) {
      const state = words[mark]! & STATE

      if (state === FAILED) continue
      looked += 1

      if (state === KNOWN) {
        words[mark]! |= ASKED
        words[at + PENDING]! += 1
        words[at + REQUESTS]! += 1

        return mark - this.#length
      }
    }

    return NONE
  }

  /** The id at a place that `next` gave. */
  idAt(lookup: number, place: number): number {
    return this.#words[place]! ^ this.get(lookup, TARGET) ^ SIGN
  }

  /** The hops to a contact that answered or failed, or -1 where nearer ones have pushed it out. */
  settle(lookup: number, id: number, state: number): number {
    const words = this.#words
    const at = lookup * this.#stride
    const away = id ^ words[at + TARGET]! ^ SIGN
    const from = at + DISTANCES
    const to = from + words[at + COUNT]!

    words[at + PENDING]! -= 1
    if (state === FAILED) words[at + TIMEOUTS]! += 1

    for (let place = from; place < to; place += 1) {
      if (words[place] === away) {
        const mark = words[place + this.#length]!

        words[place + this.#length] = (mark & ~STATE) | state

        return mark >>> STATE_BITS
      }
    }

    return NONE
  }

  isDone(lookup: number): boolean {
    const words = this.#words
    const at = lookup * this.#stride
    const from = at + DISTANCES + this.#length
    const to = from + words[at + COUNT]!
    let missing = words[at + NEEDED]!

    for (let mark = from; mark < to && missing > 0; mark += 1) {
      const state = words[mark]! & STATE

      if (state === ANSWERED) missing -= 1
      else if (state !== FAILED) return false
    }

    return true
  }

  /** Those that answered, nearest first, at most k. */
  nearest(lookup: number): { id: number; hops: number }[] {
    const found: { id: number; hops: number }[] = []
    const from = lookup * this.#stride + DISTANCES
    const to = from + this.get(lookup, COUNT)

    for (let place = from; place < to && found.length < this.#k; place += 1) {
      const mark = this.#words[place + this.#length]!

      if ((mark & STATE) === ANSWERED) {
        found.push({ id: this.idAt(lookup, place), hops: mark >>> STATE_BITS })
      }
    }

    return found
  }

  /** Puts the distances of contacts that may matter into the scratch, in order; returns how many there are. */
  #sort(at: number, ids: Int32Array, from: number, count: number): number {
    const scratch = this.#scratch
    const words = this.#words
    const target = words[at + TARGET]!
    const own = words[at + OWN]!
    const furthest =
      words[at + COUNT] === this.#length ? words[at + DISTANCES + this.#length - 1]! : FURTHEST
    const end = from + count
    let sorted = 0

    for (let index = from; index < end; index += 1) {
      const id = ids[index]!
      const away = id ^ target ^ SIGN

      if (away > furthest || id === own) continue

      let place = sorted

      for (; place > 0; place -= 1) {
        const before = scratch[place - 1]!

        if (before < away) break
        scratch[place] = before
      }
      scratch[place] = away
      sorted += 1
    }

    return sorted
  }

  /** Merges the scratch, which holds nothing that the list holds, into the list from the far end. */
  #merge(at: number, fresh: number, hops: number): void {
    const scratch = this.#scratch
    const words = this.#words
    const length = this.#length
    const from = at + DISTANCES
    const known = words[at + COUNT]!
    const total = Math.min(length, known + fresh)
    // What would come behind the end of the list is passed over.
    let left = from + known - 1
    let right = fresh - 1

    for (let over = known + fresh - total; over > 0; over -= 1) {
      if (left >= from && words[left]! > scratch[right]!) left -= 1
      else right -= 1
    }
    words[at + COUNT] = total

    for (let place = from + total - 1; right >= 0; place -= 1) {
      const away = scratch[right]!

      if (left >= from && words[left]! > away) {
        words[place] = words[left]!
        words[place + length] = words[left + length]!
        left -= 1
      } else {
        words[place] = away
        words[place + length] = KNOWN | (hops << STATE_BITS)
        right -= 1
      }
    }
  }

  /** Leaves in the scratch what the list does not hold yet; returns how many there are. */
  #dropKnown(at: number, sorted: number): number {
    const scratch = this.#scratch
    const words = this.#words
    const to = at + DISTANCES + words[at + COUNT]!
    let place = at + DISTANCES
    let kept = 0

    for (let index = 0; index < sorted; index += 1) {
      const away = scratch[index]!

      while (place < to && words[place]! < away) place += 1
      if (place === to || words[place] !== away) {
        scratch[kept] = away
        kept += 1
      }
    }

    return kept
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const lookup = this.#free

      this.#free = this.get(lookup, NEXT_FREE)

      return lookup
    }
    if (this.#used === this.#started.length) this.#grow()
    this.#used += 1

    return this.#used - 1
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2)
    const started = new Float64Array(this.#started.length * 2)

    words.set(this.#words)
    started.set(this.#started)
    this.#words = words
    this.#started = started
  }
}
