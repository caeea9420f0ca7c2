import { SECOND } from '../../engine/ticks.ts'
import { homeBucket, nextBucket } from '../bucket-order.ts'
import { distance } from '../identifiers.ts'
import type { KademliaSettings } from '../settings.ts'
import type { Table } from './table.ts'

const NONE = -1

/** Of a bucket: how many contacts it has; until which second none has failed or was silent for too long; their ids; and behind those, k places each, when they were last heard from and their failures. */
const COUNT = 0
const QUIET_UNTIL = 1
const IDS = 2

/** A node's k-buckets: bucket i holds contacts that share i leading bits with it, the last all that share more. */
export class RoutingTable implements Table {
  readonly #own: number
  readonly #settings: KademliaSettings
  readonly #last: number
  /** All buckets, one behind the other: an object for each contact would be most of the memory and of the time. */
  readonly #buckets: Int32Array

  constructor(own: number, buckets: number, settings: KademliaSettings) {
    this.#own = own
    this.#settings = settings
    this.#last = buckets - 1
    this.#buckets = new Int32Array(buckets * (IDS + 3 * settings.k))
  }

  get contacts(): number[] {
    return Array.from({ length: this.#last + 1 }, (_, bucket) => {
      const at = this.#at(bucket)

      return [...this.#buckets.subarray(at + IDS, at + IDS + this.#buckets[at + COUNT]!)]
    }).flat()
  }

  clear(): void {
    this.#buckets.fill(0)
  }

  /**
   * Notes that a contact is alive.
   * @returns a contact of the same bucket that should be asked for a sign of life, since it may be in the way of this one
   */
  touch(id: number, now: number): number | undefined {
    if (id === this.#own) return undefined

    const at = this.#at(homeBucket(this.#last, id ^ this.#own))
    const count = this.#buckets[at + COUNT]!
    const place = this.#placeOf(at, id)
    const second = Math.floor(now / SECOND)

    if (place !== NONE) {
      this.#put(place, id, second)
    } else if (count < this.#settings.k) {
      this.#put(at + IDS + count, id, second)
      this.#buckets[at + COUNT] = count + 1
    } else {
      return second < this.#buckets[at + QUIET_UNTIL]! ? undefined : this.#replace(at, id, second)
    }

    return undefined
  }

  /** A textbook's table takes only those that it has heard from. */
  hear(): undefined {
    return undefined
  }

  /** Notes that a contact left a request unanswered. */
  fail(id: number): void {
    const at = this.#at(homeBucket(this.#last, id ^ this.#own))
    const place = this.#placeOf(at, id)

    if (place === NONE) return

    const failures = this.#buckets[place + this.#failures]! + 1

    this.#buckets[place + this.#failures] = failures
    this.#buckets[at + QUIET_UNTIL] = 0
    if (failures >= this.#settings.failures) this.#remove(at, place)
  }

  /** Writes the k contacts nearest to a target to `out` from `at` on, in no order; returns how many there are. */
  writeNearest(target: number, out: Int32Array, at: number): number {
    const away = target ^ this.#own
    const home = homeBucket(this.#last, away)
    let bucket = home
    let found = 0

    while (bucket !== NONE && found < this.#settings.k) {
      found += this.#writeFrom(bucket, target, out, at + found, this.#settings.k - found)
      bucket = nextBucket(bucket, home, this.#last, away)
    }

    return found
  }

  nearest(target: number): number[] {
    const nearest = new Int32Array(this.#settings.k)

    return [...nearest.subarray(0, this.writeNearest(target, nearest, 0))]
  }

  /** Writes the contacts of a bucket, those nearest to the target where it holds more than there is room for. */
  #writeFrom(bucket: number, target: number, out: Int32Array, to: number, room: number): number {
    const at = this.#at(bucket)
    const count = this.#buckets[at + COUNT]!

    if (count > room) return this.#writeNearestFrom(at, target, out, to, room)
    for (let index = 0; index < count; index += 1)
      out[to + index] = this.#buckets[at + IDS + index]!

    return count
  }

  /** Sorts each contact in, and lets go of the furthest. */
  #writeNearestFrom(at: number, target: number, out: Int32Array, to: number, room: number): number {
    const end = at + IDS + this.#buckets[at + COUNT]!
    let written = 0

    for (let place = at + IDS; place < end; place += 1) {
      const id = this.#buckets[place]!
      const away = distance(id, target)
      let index = to + written

      while (index > to && distance(out[index - 1]!, target) > away) {
        if (index < to + room) out[index] = out[index - 1]!
        index -= 1
      }
      if (index < to + room) out[index] = id
      written = Math.min(written + 1, room)
    }

    return written
  }

  /** A contact that failed makes room; else the one that was silent for longest must answer, or make room for the next. */
  #replace(at: number, id: number, second: number): number | undefined {
    const buckets = this.#buckets
    const { k, probeAfter } = this.#settings
    const first = at + IDS
    let worst = first
    let oldest = first

    for (let place = first; place < first + k; place += 1) {
      if (buckets[place + this.#failures]! > buckets[worst + this.#failures]!) worst = place
      if (buckets[place + k]! < buckets[oldest + k]!) oldest = place
    }
    if (buckets[worst + this.#failures]! > 0) {
      this.#put(worst, id, second)

      return undefined
    }
    buckets[at + QUIET_UNTIL] = buckets[oldest + k]! + Math.ceil(probeAfter / SECOND)
    if ((second - buckets[oldest + k]!) * SECOND < probeAfter) return undefined

    // Not asked again until it has been silent for as long once more.
    buckets[oldest + k] = second

    return buckets[oldest]
  }

  #put(place: number, id: number, second: number): void {
    this.#buckets[place] = id
    this.#buckets[place + this.#settings.k] = second
    this.#buckets[place + this.#failures] = 0
  }

  /** The last contact of the bucket takes the place. */
  #remove(at: number, place: number): void {
    const count = this.#buckets[at + COUNT]! - 1
    const { k } = this.#settings

    for (const field of [0, k, 2 * k]) {
      this.#buckets[place + field] = this.#buckets[at + IDS + count + field]!
    }
    this.#buckets[at + COUNT] = count
  }

  #placeOf(at: number, id: number): number {
    const buckets = this.#buckets
    const end = at + IDS + buckets[at + COUNT]!

    for (let place = at + IDS; place < end; place += 1) if (buckets[place] === id) return place

    return NONE
  }

  /** From a contact's id to its failures. */
  get #failures(): number {
    return 2 * this.#settings.k
  }

  #at(bucket: number): number {
    return bucket * (IDS + 3 * this.#settings.k)
  }
}
