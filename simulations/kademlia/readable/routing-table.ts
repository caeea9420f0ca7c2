import { SECOND } from '../../engine/ticks.ts'
import { commonPrefix, distance } from '../identifiers.ts'
import type { KademliaSettings } from '../settings.ts'
import type { Table } from './table.ts'

/** What is kept of a contact: when it was last heard from, in seconds, and how many requests it left unanswered since. */
const ID = 0
const SEEN = 1
const FAILURES = 2
const FIELDS = 3

/** A node's k-buckets: bucket i holds contacts that share i leading bits with it, the last all that share more. */
export class RoutingTable implements Table {
  readonly #own: number
  readonly #settings: KademliaSettings
  /** k places for each bucket, filled from the first on; of each contact ID, SEEN and FAILURES. */
  readonly #contacts: Int32Array
  /** Contacts of each bucket. */
  readonly #counts: number[]

  constructor(own: number, buckets: number, settings: KademliaSettings) {
    this.#own = own
    this.#settings = settings
    this.#contacts = new Int32Array(buckets * settings.k * FIELDS)
    this.#counts = Array.from({ length: buckets }, () => 0)
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
      this.#put(this.#placeAt(bucket, this.#counts[bucket]!), id, second)
      this.#counts[bucket]! += 1
    } else {
      return this.#replace(this.#placeAt(bucket, 0), id, second)
    }

    return undefined
  }

  /** Only who answers counts. */
  hear(): undefined {
    return undefined
  }

  /** Notes that a contact left a request unanswered. */
  fail(id: number): void {
    const bucket = this.#bucketOf(id)
    const place = this.#placeOf(bucket, id)

    if (place === -1) return
    this.#contacts[place + FAILURES]! += 1

    if (this.#contacts[place + FAILURES]! >= this.#settings.failures) this.#remove(bucket, place)
  }

  /** Writes the k contacts nearest to a target to `out` from `at` on, those of one distance class in no order; returns how many there are. */
  writeNearest(target: number, out: Int32Array, at: number): number {
    const home = this.#bucketOf(target)
    const { k } = this.#settings

    // A full bucket is the whole answer.
    if (this.#counts[home] === k && home < this.#counts.length - 1) {
      const first = this.#placeAt(home, 0)

      for (let index = 0; index < k; index += 1)
        out[at + index] = this.#contacts[first + index * FIELDS]!

      return k
    }

    const nearest = this.nearest(target)

    nearest.forEach((id, index) => (out[at + index] = id))

    return nearest.length
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
    const contacts = this.#contacts
    let worst = first
    let oldest = first

    for (let index = 0; index < this.#settings.k; index += 1) {
      const place = first + index * FIELDS

      if (contacts[place + FAILURES]! > contacts[worst + FAILURES]!) worst = place
      if (contacts[place + SEEN]! < contacts[oldest + SEEN]!) oldest = place
    }
    if (contacts[worst + FAILURES]! > 0) {
      this.#put(worst, id, second)

      return undefined
    }
    if ((second - contacts[oldest + SEEN]!) * SECOND < this.#settings.probeAfter) return undefined

    // Not asked again until it has been silent for as long once more.
    contacts[oldest + SEEN] = second

    return contacts[oldest + ID]
  }

  #put(place: number, id: number, second: number): void {
    this.#contacts[place + ID] = id
    this.#contacts[place + SEEN] = second
    this.#contacts[place + FAILURES] = 0
  }

  /** The last contact of the bucket takes the place. */
  #remove(bucket: number, place: number): void {
    this.#counts[bucket]! -= 1

    const last = this.#placeAt(bucket, this.#counts[bucket]!)

    this.#contacts.copyWithin(place, last, last + FIELDS)
  }

  #idsOf(bucket: number): number[] {
    const ids: number[] = []

    for (let index = 0; index < this.#counts[bucket]!; index += 1) {
      ids.push(this.#contacts[this.#placeAt(bucket, index) + ID]!)
    }

    return ids
  }

  #placeOf(bucket: number, id: number): number {
    for (let index = 0; index < this.#counts[bucket]!; index += 1) {
      const place = this.#placeAt(bucket, index)

      if (this.#contacts[place + ID] === id) return place
    }

    return -1
  }

  #placeAt(bucket: number, index: number): number {
    return (bucket * this.#settings.k + index) * FIELDS
  }

  #bucketOf(id: number): number {
    return Math.min(commonPrefix(id, this.#own), this.#counts.length - 1)
  }
}

/** Nearest first: distances are sorted as plain numbers, and a distance leads back to its id. */
function sortBy(ids: readonly number[], target: number): number[] {
  const distances = new Int32Array(ids.length)
  const sorted: number[] = []

  for (let index = 0; index < ids.length; index += 1)
    distances[index] = distance(ids[index]!, target)
  for (const away of distances.toSorted()) sorted.push(distance(away, target))

  return sorted
}
