import type { RandomStream } from '../../engine/random.ts'
import { SECOND } from '../../engine/ticks.ts'
import { homeBucket, nextBucket } from '../bucket-order.ts'
import type { Population } from '../population.ts'
import type { KademliaSettings } from '../settings.ts'

const NONE = -1
const SIGN = -0x80000000

/**
 * A bucket is one stretch of words, so that a look at it touches two or three lines of memory:
 *
 *     count | quiet until | k ids | k times each was last heard from, in seconds | failures, four to a word
 *
 * Until `quiet until`, in seconds, no contact has failed or been silent for so long that a full bucket need be searched for one to replace.
 */
const COUNT = 0
const QUIET_UNTIL = 1
const IDS = 2
const FAILURES_A_WORD = 4
const FAILURE_BITS = 8
const FAILURE_MASK = 0xff

/** The k-buckets of all nodes in one array. The same rules as RoutingTable's, contact by contact. */
export class Tables {
  readonly #k: number
  readonly #buckets: number
  readonly #settings: KademliaSettings
  /** Words of a bucket, and where its times and failures stand. */
  readonly #stride: number
  readonly #seen: number
  readonly #failures: number
  readonly #words: Int32Array
  readonly #scratch: Int32Array
  readonly #filled: Uint8Array

  constructor(nodes: number, buckets: number, settings: KademliaSettings) {
    const { k } = settings

    this.#k = k
    this.#buckets = buckets
    this.#settings = settings
    this.#seen = IDS + k
    this.#failures = IDS + 2 * k
    this.#stride = this.#failures + Math.ceil(k / FAILURES_A_WORD)
    this.#words = new Int32Array(nodes * buckets * this.#stride)
    this.#scratch = new Int32Array(k)
    this.#filled = new Uint8Array(buckets)
  }

  get bytes(): number {
    return this.#words.byteLength
  }

  /** Fills the table of a node whose buckets are empty; all in it were heard from just now. */
  settle(
    node: number,
    own: number,
    population: Population,
    stream: RandomStream,
    now: number
  ): void {
    const words = this.#words
    const from = this.#at(node, 0)
    const second = Math.floor(now / SECOND)
    const shape = {
      k: this.#k,
      buckets: this.#buckets,
      from: from + IDS,
      stride: this.#stride
    }

    population.fill(own, shape, stream, words, this.#filled)

    for (let bucket = 0; bucket < this.#buckets; bucket += 1) {
      const at = from + bucket * this.#stride
      const count = this.#filled[bucket]!

      words[at + COUNT] = count
      words.fill(second, at + this.#seen, at + this.#seen + count)
    }
  }

  clear(node: number): void {
    for (let bucket = 0; bucket < this.#buckets; bucket += 1) {
      const at = this.#at(node, bucket)

      this.#words[at + COUNT] = 0
      this.#words[at + QUIET_UNTIL] = 0
    }
  }

  contacts(node: number): number[] {
    return Array.from({ length: this.#buckets }, (_, bucket) => {
      const at = this.#at(node, bucket)

      return [...this.#words.subarray(at + IDS, at + IDS + this.#words[at + COUNT]!)]
    }).flat()
  }

  /** Notes that a contact is alive; returns the id of one to be asked for a sign of life, or `id` itself where there is none. */
  touch(node: number, own: number, id: number, now: number): number {
    if (id === own) return id

    const words = this.#words
    const at = this.#at(node, homeBucket(this.#buckets - 1, id ^ own))
    const count = words[at + COUNT]!
    const second = Math.floor(now / SECOND)
    const end = at + IDS + count

    for (let place = at + IDS; place < end; place += 1) {
      if (words[place] === id) {
        this.#put(at, place - at - IDS, id, second)

        return id
      }
    }
    if (count < this.#k) {
      this.#put(at, count, id, second)
      words[at + COUNT] = count + 1

      return id
    }

    return second < words[at + QUIET_UNTIL]! ? id : this.#replace(at, id, second)
  }

  fail(node: number, own: number, id: number): void {
    const words = this.#words
    const at = this.#at(node, homeBucket(this.#buckets - 1, id ^ own))
    const last = words[at + COUNT]! - 1

    for (let index = 0; index <= last; index += 1) {
      if (words[at + IDS + index] !== id) continue

      const failures = this.#failuresOf(at, index) + 1

      this.#setFailures(at, index, failures)
      words[at + QUIET_UNTIL] = 0

      if (failures >= this.#settings.failures) {
        words[at + IDS + index] = words[at + IDS + last]!
        words[at + this.#seen + index] = words[at + this.#seen + last]!
        this.#setFailures(at, index, this.#failuresOf(at, last))
        words[at + COUNT] = last
      }

      return
    }
  }

  /** Writes the k contacts nearest to a target to `out` from `at` on, in no order; returns how many there are. */
  nearest(node: number, own: number, target: number, out: Int32Array, at: number): number {
    const away = target ^ own
    const last = this.#buckets - 1
    const home = homeBucket(last, away)
    let found = this.#append(node, home, target, out, at, 0)

    for (
      let bucket = nextBucket(home, home, last, away);
      found < this.#k && bucket !== NONE;
      bucket = nextBucket(bucket, home, last, away)
    ) {
      found = this.#append(node, bucket, target, out, at, found)
    }

    return found
  }

  /** Appends the contacts of a bucket to the `found` in `out`, only the nearest where there is no room for all; returns how many there are then. */
  #append(
    node: number,
    bucket: number,
    target: number,
    out: Int32Array,
    at: number,
    found: number
  ): number {
    const words = this.#words
    const from = this.#at(node, bucket)
    const count = words[from + COUNT]!
    const to = at + found

    if (found + count > this.#k) {
      return found + this.#appendNearest(from, target, out, to, this.#k - found)
    }
    for (let index = 0; index < count; index += 1) out[to + index] = words[from + IDS + index]!

    return found + count
  }

  #appendNearest(
    from: number,
    target: number,
    out: Int32Array,
    at: number,
    missing: number
  ): number {
    const words = this.#words
    const scratch = this.#scratch
    const count = words[from + COUNT]!

    for (let index = 0; index < count; index += 1) {
      scratch[index] = words[from + IDS + index]! ^ target ^ SIGN
    }
    selectLeast(scratch, count, missing)
    for (let index = 0; index < missing; index += 1) {
      out[at + index] = scratch[index]! ^ target ^ SIGN
    }

    return missing
  }

  #replace(at: number, id: number, second: number): number {
    const words = this.#words
    const seen = at + this.#seen
    let worst = 0
    let oldest = 0

    for (let index = 1; index < this.#k; index += 1) {
      if (this.#failuresOf(at, index) > this.#failuresOf(at, worst)) worst = index
      if (words[seen + index]! < words[seen + oldest]!) oldest = index
    }
    if (this.#failuresOf(at, worst) > 0) {
      this.#put(at, worst, id, second)

      return id
    }
    words[at + QUIET_UNTIL] = words[seen + oldest]! + Math.ceil(this.#settings.probeAfter / SECOND)
    if ((second - words[seen + oldest]!) * SECOND < this.#settings.probeAfter) return id
    words[seen + oldest] = second

    return words[at + IDS + oldest]!
  }

  #put(at: number, index: number, id: number, second: number): void {
    this.#words[at + IDS + index] = id
    this.#words[at + this.#seen + index] = second
    this.#setFailures(at, index, 0)
  }

  #failuresOf(at: number, index: number): number {
    const word = this.#words[at + this.#failures + (index >>> 2)]!

    return (word >>> ((index & 3) * FAILURE_BITS)) & FAILURE_MASK
  }

  #setFailures(at: number, index: number, failures: number): void {
    const place = at + this.#failures + (index >>> 2)
    const shift = (index & 3) * FAILURE_BITS

    this.#words[place] = (this.#words[place]! & ~(FAILURE_MASK << shift)) | (failures << shift)
  }

  #at(node: number, bucket: number): number {
    return (node * this.#buckets + bucket) * this.#stride
  }
}

/** Brings the `least` smallest of the first `count` values to the front, in no order. */
function selectLeast(values: Int32Array, count: number, least: number): void {
  for (let index = 0; index < least; index += 1) {
    let smallest = index

    for (let other = index + 1; other < count; other += 1) {
      if (values[other]! < values[smallest]!) smallest = other
    }

    const value = values[smallest]!

    values[smallest] = values[index]!
    values[index] = value
  }
}
