import { SECOND } from '../../engine/ticks.ts'
import { commonPrefix, distance } from '../identifiers.ts'
import type { KademliaSettings } from '../settings.ts'

/** A node's k-buckets: bucket i holds contacts that share i leading bits with it, the last all that share more. */
export class RoutingTable {
  readonly #own: number
  readonly #settings: KademliaSettings
  /** k places for each bucket, filled from the first on. */
  readonly #ids: Int32Array
  /** When each was last heard from, in seconds. */
  readonly #seen: Int32Array
  /** Requests that each left unanswered since. */
  readonly #failures: Uint8Array
  /** Contacts of each bucket. */
  readonly #counts: Uint8Array

  constructor(own: number, buckets: number, settings: KademliaSettings) {
    this.#own = own
    this.#settings = settings
    this.#ids = new Int32Array(buckets * settings.k)
    this.#seen = new Int32Array(buckets * settings.k)
    this.#failures = new Uint8Array(buckets * settings.k)
    this.#counts = new Uint8Array(buckets)
  }

  get contacts(): number[] {
    return [...this.#counts.keys()].flatMap(bucket => this.#idsOf(bucket))
  }

  clear(): void {
    this.#counts.fill(0)
  }

  /**
   * Notes that a contact is alive.
   * @returns a contact of the same bucket that should be asked for a sign of life, since it may be in the way of this one
   */
  touch(id: number, now: number): number | undefined {
    if (id === this.#own) return undefined

    const bucket = this.#bucketOf(id)
    const place = this.#placeOf(bucket, id)
    const second = Math.floor(now / SECOND)

    if (place !== -1) {
      this.#put(place, id, second)
    } else if (this.#counts[bucket]! < this.#settings.k) {
      this.#put(bucket * this.#settings.k + this.#counts[bucket]!, id, second)
      this.#counts[bucket]! += 1
    } else {
      return this.#replace(bucket * this.#settings.k, id, second)
    }

    return undefined
  }

  /** Notes that a contact left a request unanswered. */
  fail(id: number): void {
    const bucket = this.#bucketOf(id)
    const place = this.#placeOf(bucket, id)

    if (place === -1) return
    this.#failures[place]! += 1

    if (this.#failures[place]! >= this.#settings.failures) this.#remove(bucket, place)
  }

  /** The k contacts nearest to a target, those of one distance class in no order. */
  nearest(target: number): number[] {
    const home = this.#bucketOf(target)
    const isLast = home === this.#counts.length - 1
    const found = isLast ? sortBy(this.#idsOf(home), target) : this.#idsOf(home)

    if (found.length < this.#settings.k) {
      const inner = [...this.#counts.keys()].slice(home + 1)

      this.#take(
        found,
        inner.flatMap(bucket => this.#idsOf(bucket)),
        target
      )
    }
    for (let bucket = home - 1; bucket >= 0 && found.length < this.#settings.k; bucket -= 1) {
      this.#take(found, this.#idsOf(bucket), target)
    }

    return found
  }

  #take(found: number[], ids: number[], target: number): void {
    const missing = this.#settings.k - found.length

    found.push(...(ids.length <= missing ? ids : sortBy(ids, target).slice(0, missing)))
  }

  /** A contact that failed makes room; else the one that was silent for longest must answer, or make room for the next. */
  #replace(first: number, id: number, second: number): number | undefined {
    let worst = first
    let oldest = first

    for (let place = first; place < first + this.#settings.k; place += 1) {
      if (this.#failures[place]! > this.#failures[worst]!) worst = place
      if (this.#seen[place]! < this.#seen[oldest]!) oldest = place
    }
    if (this.#failures[worst]! > 0) {
      this.#put(worst, id, second)

      return undefined
    }
    if ((second - this.#seen[oldest]!) * SECOND < this.#settings.probeAfter) return undefined

    // Not asked again until it has been silent for as long once more.
    this.#seen[oldest] = second

    return this.#ids[oldest]
  }

  #put(place: number, id: number, second: number): void {
    this.#ids[place] = id
    this.#seen[place] = second
    this.#failures[place] = 0
  }

  /** The last contact of the bucket takes the place. */
  #remove(bucket: number, place: number): void {
    this.#counts[bucket]! -= 1

    const last = bucket * this.#settings.k + this.#counts[bucket]!

    this.#ids[place] = this.#ids[last]!
    this.#seen[place] = this.#seen[last]!
    this.#failures[place] = this.#failures[last]!
  }

  #idsOf(bucket: number): number[] {
    const first = bucket * this.#settings.k
    const ids: number[] = []

    for (let at = 0; at < this.#counts[bucket]!; at += 1) ids.push(this.#ids[first + at]!)

    return ids
  }

  #placeOf(bucket: number, id: number): number {
    const first = bucket * this.#settings.k
    const last = first + this.#counts[bucket]!

    for (let place = first; place < last; place += 1) if (this.#ids[place] === id) return place

    return -1
  }

  #bucketOf(id: number): number {
    return Math.min(commonPrefix(id, this.#own), this.#counts.length - 1)
  }
}

function sortBy(ids: number[], target: number): number[] {
  return ids.toSorted((a, b) => distance(a, target) - distance(b, target))
}
