import { SHORTLIST, type KademliaSettings } from '../settings.ts'

const SIGN = -0x80000000
const FIRST_CAPACITY = 64

export const KNOWN = 0
export const ASKED = 1
export const ANSWERED = 2
export const FAILED = 3

/** Numbers of one lookup, in `field`. */
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
const FIELDS = 16

const NONE = -1
const FURTHEST = 0x7fffffff

/** A contact's state stands in the lowest bits of its mark, its hops above. */
const STATE_BITS = 2
const STATE = 3

/** All lookups under way, in arrays. A contact is kept as its distance to the target, from which its id follows. */
export class Lookups {
  readonly #alpha: number
  readonly #k: number
  readonly #length: number
  #fields = new Int32Array(FIRST_CAPACITY * FIELDS)
  #started = new Float64Array(FIRST_CAPACITY)
  #distances: Int32Array
  #marks: Uint16Array
  readonly #scratch: Int32Array
  #free = NONE
  #used = 0

  constructor({ k, alpha }: KademliaSettings) {
    this.#alpha = alpha
    this.#k = k
    this.#length = SHORTLIST * k
    this.#distances = new Int32Array(FIRST_CAPACITY * this.#length)
    this.#marks = new Uint16Array(FIRST_CAPACITY * this.#length)
    this.#scratch = new Int32Array(k)
  }

  open(started: number): number {
    const lookup = this.#allocate()

    this.#fields.fill(0, lookup * FIELDS, (lookup + 1) * FIELDS)
    this.#started[lookup] = started

    return lookup
  }

  close(lookup: number): void {
    this.#fields[lookup * FIELDS + NEXT_FREE] = this.#free
    this.#free = lookup
  }

  get(lookup: number, field: number): number {
    return this.#fields[lookup * FIELDS + field]!
  }

  set(lookup: number, field: number, value: number): void {
    this.#fields[lookup * FIELDS + field] = value
  }

  startedAt(lookup: number): number {
    return this.#started[lookup]!
  }

  /** Sorts contacts in, all reached by so many hops. */
  learn(lookup: number, ids: Int32Array, from: number, count: number, hops: number): void {
    const sorted = this.#sort(lookup, ids, from, count)

    if (sorted > 0) this.#merge(lookup, sorted, hops)
  }

  /** The place of the contact to be asked now, noted as asked, or -1. */
  next(lookup: number): number {
    if (this.get(lookup, PENDING) >= this.#alpha) return NONE

    const from = lookup * this.#length
    const to = from + this.get(lookup, COUNT)
    let looked = 0

    for (let at = from; at < to && looked < this.#k; at += 1) {
      const state = this.#marks[at]! & STATE

      if (state === FAILED) continue
      looked += 1

      if (state === KNOWN) {
        this.#marks[at]! |= ASKED
        this.#fields[lookup * FIELDS + PENDING]! += 1
        this.#fields[lookup * FIELDS + REQUESTS]! += 1

        return at
      }
    }

    return NONE
  }

  /** The id at a place that `next` gave. */
  idAt(lookup: number, place: number): number {
    return this.#distances[place]! ^ this.get(lookup, TARGET) ^ SIGN
  }

  /** The hops to a contact that answered or failed, or -1 where nearer ones have pushed it out. */
  settle(lookup: number, id: number, state: number): number {
    const away = id ^ this.get(lookup, TARGET) ^ SIGN
    const from = lookup * this.#length
    const to = from + this.get(lookup, COUNT)

    this.#fields[lookup * FIELDS + PENDING]! -= 1
    if (state === FAILED) this.#fields[lookup * FIELDS + TIMEOUTS]! += 1

    for (let at = from; at < to; at += 1) {
      if (this.#distances[at] === away) {
        const mark = this.#marks[at]!

        this.#marks[at] = (mark & ~STATE) | state

        return mark >>> STATE_BITS
      }
    }

    return NONE
  }

  isDone(lookup: number): boolean {
    const from = lookup * this.#length
    const to = from + this.get(lookup, COUNT)
    let missing = this.get(lookup, NEEDED)

    for (let at = from; at < to && missing > 0; at += 1) {
      const state = this.#marks[at]! & STATE

      if (state === ANSWERED) missing -= 1
      else if (state !== FAILED) return false
    }

    return true
  }

  /** Those that answered, nearest first, at most k. */
  nearest(lookup: number): { id: number; hops: number }[] {
    const found: { id: number; hops: number }[] = []
    const from = lookup * this.#length
    const to = from + this.get(lookup, COUNT)

    for (let at = from; at < to && found.length < this.#k; at += 1) {
      const mark = this.#marks[at]!

      if ((mark & STATE) === ANSWERED) {
        found.push({ id: this.idAt(lookup, at), hops: mark >>> STATE_BITS })
      }
    }

    return found
  }

  /** Puts the distances of contacts that may matter into the scratch, in order; returns how many there are. */
  #sort(lookup: number, ids: Int32Array, from: number, count: number): number {
    const scratch = this.#scratch
    const target = this.get(lookup, TARGET)
    const own = this.get(lookup, OWN)
    const known = this.get(lookup, COUNT)
    const furthest =
      known === this.#length ? this.#distances[lookup * this.#length + known - 1]! : FURTHEST
    let sorted = 0

    for (let index = from; index < from + count; index += 1) {
      const id = ids[index]!
      const away = id ^ target ^ SIGN

      if (id === own || away > furthest) continue

      let at = sorted

      while (at > 0 && scratch[at - 1]! > away) {
        scratch[at] = scratch[at - 1]!
        at -= 1
      }
      scratch[at] = away
      sorted += 1
    }

    return sorted
  }

  /** Merges the scratch into the list from the far end, after a pass that counts what is new. */
  #merge(lookup: number, sorted: number, hops: number): void {
    const scratch = this.#scratch
    const distances = this.#distances
    const marks = this.#marks
    const from = lookup * this.#length
    const known = this.get(lookup, COUNT)
    let left = from + known - 1
    let right = this.#dropKnown(from, known, sorted) - 1
    let at = left + right + 1

    this.set(lookup, COUNT, Math.min(this.#length, known + right + 1))

    while (right >= 0) {
      const isFromLeft = left >= from && distances[left]! > scratch[right]!

      if (at < from + this.#length) {
        distances[at] = isFromLeft ? distances[left]! : scratch[right]!
        marks[at] = isFromLeft ? marks[left]! : KNOWN | (hops << STATE_BITS)
      }
      if (isFromLeft) left -= 1
      else right -= 1
      at -= 1
    }
  }

  /** Leaves in the scratch what the list does not hold yet; returns how many there are. */
  #dropKnown(from: number, known: number, sorted: number): number {
    const scratch = this.#scratch
    const distances = this.#distances
    const to = from + known
    let at = from
    let kept = 0

    for (let index = 0; index < sorted; index += 1) {
      const away = scratch[index]!

      while (at < to && distances[at]! < away) at += 1
      if (at === to || distances[at] !== away) {
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
    const capacity = this.#used * 2
    const [fields, started] = [this.#fields, this.#started]
    const [distances, marks] = [this.#distances, this.#marks]

    this.#fields = new Int32Array(capacity * FIELDS)
    this.#fields.set(fields)
    this.#started = new Float64Array(capacity)
    this.#started.set(started)
    this.#distances = new Int32Array(capacity * this.#length)
    this.#distances.set(distances)
    this.#marks = new Uint16Array(capacity * this.#length)
    this.#marks.set(marks)
  }
}
