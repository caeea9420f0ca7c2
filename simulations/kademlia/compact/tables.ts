import { SECOND } from '../../engine/ticks.ts'
import type { KademliaSettings } from '../settings.ts'

const NONE = -1
const SIGN = -0x80000000

/**
 * The k-buckets of all nodes in three arrays: ids, when each was heard from (seconds), unanswered requests since. The same
 * rules as RoutingTable's, contact by contact.
 */
export class Tables {
  readonly #k: number
  readonly #buckets: number
  readonly #settings: KademliaSettings
  readonly #ids: Int32Array
  readonly #seen: Int32Array
  readonly #failures: Uint8Array
  readonly #counts: Uint8Array
  /** Of each bucket, the second before which no contact can have been silent for too long, and whether one may have failed: a look at them all that is mostly saved. */
  readonly #quietUntil: Int32Array
  readonly #mayHaveFailed: Uint8Array
  readonly #scratch: Int32Array

  constructor(nodes: number, buckets: number, settings: KademliaSettings) {
    const contacts = nodes * buckets * settings.k

    this.#k = settings.k
    this.#buckets = buckets
    this.#settings = settings
    this.#ids = new Int32Array(contacts)
    this.#seen = new Int32Array(contacts)
    this.#failures = new Uint8Array(contacts)
    this.#counts = new Uint8Array(nodes * buckets)
    this.#quietUntil = new Int32Array(nodes * buckets)
    this.#mayHaveFailed = new Uint8Array(nodes * buckets)
    this.#scratch = new Int32Array(buckets * settings.k)
  }

  get bytes(): number {
    return (
      this.#ids.byteLength +
      this.#seen.byteLength +
      this.#failures.byteLength +
      this.#counts.byteLength +
      this.#quietUntil.byteLength +
      this.#mayHaveFailed.byteLength
    )
  }

  /** Where the ids of a node stand and where their counts, for who fills them at once. */
  rowOf(node: number): { ids: Int32Array; counts: Uint8Array } {
    const row = this.#buckets * this.#k

    return {
      ids: this.#ids.subarray(node * row, (node + 1) * row),
      counts: this.#counts.subarray(node * this.#buckets, (node + 1) * this.#buckets)
    }
  }

  /** Notes that all contacts of a node were heard from just now. */
  refreshed(node: number, now: number): void {
    const row = this.#buckets * this.#k

    this.#seen.fill(Math.floor(now / SECOND), node * row, (node + 1) * row)
  }

  clear(node: number): void {
    this.#counts.fill(0, node * this.#buckets, (node + 1) * this.#buckets)
    this.#quietUntil.fill(0, node * this.#buckets, (node + 1) * this.#buckets)
  }

  contacts(node: number): number[] {
    const { ids, counts } = this.rowOf(node)

    return [...counts].flatMap((count, bucket) => [
      ...ids.subarray(bucket * this.#k, bucket * this.#k + count)
    ])
  }

  /** Notes that a contact is alive; returns the place of one to be asked for a sign of life, or -1: see `idAt`. */
  touch(node: number, own: number, id: number, now: number): number {
    if (id === own) return NONE

    const bucket = this.#bucketOf(node, own, id)
    const from = bucket * this.#k
    const count = this.#counts[bucket]!
    const second = Math.floor(now / SECOND)

    const ids = this.#ids
    const to = from + count

    for (let at = from; at < to; at += 1) {
      if (ids[at] === id) {
        this.#seen[at] = second
        this.#failures[at] = 0

        return NONE
      }
    }
    if (count < this.#k) {
      this.#put(from + count, id, second)
      this.#counts[bucket] = count + 1

      return NONE
    }

    return second < this.#quietUntil[bucket]! && this.#mayHaveFailed[bucket] === 0
      ? NONE
      : this.#replace(bucket, id, second)
  }

  idAt(place: number): number {
    return this.#ids[place]!
  }

  fail(node: number, own: number, id: number): void {
    const bucket = this.#bucketOf(node, own, id)
    const from = bucket * this.#k
    const last = from + this.#counts[bucket]! - 1

    for (let at = from; at <= last; at += 1) {
      if (this.#ids[at] !== id) continue

      this.#failures[at]! += 1
      this.#mayHaveFailed[bucket] = 1
      if (this.#failures[at]! >= this.#settings.failures) {
        this.#ids[at] = this.#ids[last]!
        this.#seen[at] = this.#seen[last]!
        this.#failures[at] = this.#failures[last]!
        this.#counts[bucket]! -= 1
      }

      return
    }
  }

  /** Writes the k contacts nearest to a target to `out` from `at` on; returns how many there are. */
  nearest(node: number, own: number, target: number, out: Int32Array, at: number): number {
    const first = node * this.#buckets
    const home = Math.min(Math.clz32(target ^ own), this.#buckets - 1)
    let found = this.#copy(first + home, out, at)

    if (home === this.#buckets - 1) sortRange(out, at, found, target)

    if (found < this.#k && home < this.#buckets - 1) {
      let inner = 0

      for (let bucket = home + 1; bucket < this.#buckets; bucket += 1) {
        inner += this.#copy(first + bucket, this.#scratch, inner)
      }
      found += this.#take(inner, this.#k - found, target, out, at + found)
    }
    for (let bucket = home - 1; bucket >= 0 && found < this.#k; bucket -= 1) {
      const count = this.#copy(first + bucket, this.#scratch, 0)

      found += this.#take(count, this.#k - found, target, out, at + found)
    }

    return found
  }

  #copy(bucket: number, out: Int32Array, at: number): number {
    const from = bucket * this.#k
    const count = this.#counts[bucket]!

    const ids = this.#ids

    for (let index = 0; index < count; index += 1) out[at + index] = ids[from + index]!

    return count
  }

  /** Moves up to `missing` of the first `count` in the scratch to `out`, the nearest where not all fit. */
  #take(count: number, missing: number, target: number, out: Int32Array, at: number): number {
    const taken = Math.min(count, missing)

    if (count > missing) sortRange(this.#scratch, 0, count, target)
    for (let index = 0; index < taken; index += 1) out[at + index] = this.#scratch[index]!

    return taken
  }

  #replace(bucket: number, id: number, second: number): number {
    const from = bucket * this.#k
    let worst = from
    let oldest = from

    for (let at = from + 1; at < from + this.#k; at += 1) {
      if (this.#failures[at]! > this.#failures[worst]!) worst = at
      if (this.#seen[at]! < this.#seen[oldest]!) oldest = at
    }
    if (this.#failures[worst]! > 0) {
      this.#put(worst, id, second)

      return NONE
    }
    this.#mayHaveFailed[bucket] = 0
    this.#quietUntil[bucket] = this.#seen[oldest]! + Math.ceil(this.#settings.probeAfter / SECOND)
    if ((second - this.#seen[oldest]!) * SECOND < this.#settings.probeAfter) return NONE
    this.#seen[oldest] = second

    return oldest
  }

  #put(at: number, id: number, second: number): void {
    this.#ids[at] = id
    this.#seen[at] = second
    this.#failures[at] = 0
  }

  #bucketOf(node: number, own: number, id: number): number {
    return node * this.#buckets + Math.min(Math.clz32(id ^ own), this.#buckets - 1)
  }
}

/** By insertion: the ranges are short. */
function sortRange(ids: Int32Array, from: number, count: number, target: number): void {
  for (let index = 1; index < count; index += 1) {
    const id = ids[from + index]!
    const away = id ^ target ^ SIGN
    let at = from + index

    while (at > from && (ids[at - 1]! ^ target ^ SIGN) > away) {
      ids[at] = ids[at - 1]!
      at -= 1
    }
    ids[at] = id
  }
}
