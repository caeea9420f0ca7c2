import type { EventQueue } from './queue.ts'
import { LAST_TICK } from './ticks.ts'

/** Slots of one level: 1,024 of them, so that a level is ten bits of the time. */
const BITS = 10
const SLOTS = 1 << BITS
const MASK = SLOTS - 1
const LEVELS = 5

/** The lowest three levels share 30 bits, which V8 keeps as a small integer. */
const LOW_BITS = 30
const LOW_SPAN = 2 ** LOW_BITS

/** Words of a level's bitmap. */
const WORDS = SLOTS / 32

/** Fields of an event, all in one half of a cache line. */
const STRIDE = 8
const NEXT = 0
const LOW = 1
const HIGH = 2
const KIND = 3
const A = 4
const B = 5
const C = 6

const NONE = -1
const FIRST_CAPACITY = 1024

/**
 * A hierarchical timing wheel: an event stands in the lowest level whose higher bits it shares with the present, and moves
 * down, with all of its slot and in their order, when the present gets there. Constant time for an event, and first in, first out among equals.
 */
export class TimingWheel implements EventQueue {
  time = 0
  kind = 0
  a = 0
  b = 0
  c = 0
  #size = 0
  #low = 0
  #high = 0
  #events = new Int32Array(FIRST_CAPACITY * STRIDE)
  #free = NONE
  #used = 0
  readonly #head = new Int32Array(LEVELS * SLOTS).fill(NONE)
  readonly #tail = new Int32Array(LEVELS * SLOTS).fill(NONE)
  readonly #filled = new Int32Array(LEVELS * WORDS)

  get size(): number {
    return this.#size
  }

  schedule(time: number, kind: number, a: number, b: number, c: number): void {
    if (!(time >= this.time && time <= LAST_TICK) || Math.floor(time) !== time) {
      throw new RangeError(`an event for tick ${time} at tick ${this.time}`)
    }

    const at = this.#allocate()
    const events = this.#events
    const high = Math.floor(time / LOW_SPAN)

    events[at + LOW] = time - high * LOW_SPAN
    events[at + HIGH] = high
    events[at + KIND] = kind
    events[at + A] = a
    events[at + B] = b
    events[at + C] = c
    this.#size += 1
    this.#place(at)
  }

  take(until: number): boolean {
    if (this.#size === 0) return false

    for (;;) {
      const slot = this.#nextSlot(0, this.#low & MASK)

      if (slot !== NONE) return this.#takeFrom(slot, until)
      if (!this.#descend(until)) return false
    }
  }

  #takeFrom(slot: number, until: number): boolean {
    const time = this.#high * LOW_SPAN + ((this.#low & ~MASK) | slot)

    if (time > until) return false

    const at = this.#head[slot]!
    const events = this.#events
    const next = events[at + NEXT]!

    this.#head[slot] = next
    if (next === NONE) this.#empty(0, slot)

    this.#low = (this.#low & ~MASK) | slot
    this.time = time
    this.kind = events[at + KIND]!
    this.a = events[at + A]!
    this.b = events[at + B]!
    this.c = events[at + C]!
    events[at + NEXT] = this.#free
    this.#free = at
    this.#size -= 1

    return true
  }

  /** Moves the present to the next slot of a higher level and the events in it down; false where that lies after `until`. */
  #descend(until: number): boolean {
    for (let level = 1; level < LEVELS; level += 1) {
      const slot = this.#nextSlot(level, this.#digit(level) + 1)

      if (slot === NONE) continue

      const [high, low] = this.#startOf(level, slot)
      const start = high * LOW_SPAN + low

      if (start > until) return false
      this.time = start
      this.#high = high
      this.#low = low
      this.#replace(level, slot)

      return true
    }

    return false
  }

  #digit(level: number): number {
    if (level < 3) return (this.#low >>> (level * BITS)) & MASK

    return level === 3 ? this.#high & MASK : this.#high >>> BITS
  }

  #startOf(level: number, slot: number): [high: number, low: number] {
    if (level === 1) return [this.#high, (this.#low & ~(2 ** 20 - 1)) | (slot << BITS)]
    if (level === 2) return [this.#high, slot << (2 * BITS)]

    return [level === 3 ? (this.#high & ~MASK) | slot : slot << BITS, 0]
  }

  #replace(level: number, slot: number): void {
    let at = this.#head[level * SLOTS + slot]!

    this.#head[level * SLOTS + slot] = NONE
    this.#empty(level, slot)

    while (at !== NONE) {
      const next = this.#events[at + NEXT]!

      this.#place(at)
      at = next
    }
  }

  #place(at: number): void {
    const low = this.#events[at + LOW]!
    const high = this.#events[at + HIGH]!
    let level: number
    let slot: number

    if (high === this.#high) {
      const differing = low ^ this.#low

      level = differing < SLOTS ? 0 : differing < 1 << (2 * BITS) ? 1 : 2
      slot = (low >>> (level * BITS)) & MASK
    } else {
      level = high >>> BITS === this.#high >>> BITS ? 3 : 4
      slot = level === 3 ? high & MASK : high >>> BITS
    }

    const list = level * SLOTS + slot

    this.#events[at + NEXT] = NONE

    if (this.#head[list] === NONE) {
      this.#head[list] = at
      this.#filled[level * WORDS + (slot >>> 5)]! |= 1 << (slot & 31)
    } else {
      this.#events[this.#tail[list]! + NEXT] = at
    }
    this.#tail[list] = at
  }

  #empty(level: number, slot: number): void {
    this.#filled[level * WORDS + (slot >>> 5)]! &= ~(1 << (slot & 31))
  }

  /** The first filled slot of a level from `from` on. */
  #nextSlot(level: number, from: number): number {
    if (from >= SLOTS) return NONE

    let word = from >>> 5
    let bits = this.#filled[level * WORDS + word]! & (-1 << (from & 31))

    while (bits === 0) {
      word += 1
      if (word === WORDS) return NONE
      bits = this.#filled[level * WORDS + word]!
    }

    return (word << 5) + (31 - Math.clz32(bits & -bits))
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const at = this.#free

      this.#free = this.#events[at + NEXT]!

      return at
    }
    if (this.#used === this.#events.length) {
      const grown = new Int32Array(this.#events.length * 2)

      grown.set(this.#events)
      this.#events = grown
    }
    this.#used += STRIDE

    return this.#used - STRIDE
  }
}
