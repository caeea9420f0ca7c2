import { distance } from '../identifiers.ts'
import type { KademliaSettings } from '../settings.ts'
import type { Table } from './table.ts'

interface Contact {
  readonly id: number
  /** When it was last known to be alive, in ticks. */
  seen: number
  /** Whether it was asked for a sign of life and has not answered yet. */
  isAsked: boolean
}

/**
 * Contacts as js-libp2p's kad-dht keeps them: a bucket of k for each beginning of `prefixBits` bits, whatever the node's own id is. In a network that
 * fits into its buckets a node comes to know all others; in one that does not it knows its own neighbourhood no better than any other. Whoever does not answer
 * stays until its bucket is full and it leaves a sign of life unanswered.
 */
export class PrefixTable implements Table {
  readonly #own: number
  readonly #settings: KademliaSettings
  readonly #buckets = new Map<number, Contact[]>()

  constructor(own: number, settings: KademliaSettings) {
    this.#own = own
    this.#settings = settings
  }

  get contacts(): number[] {
    return [...this.#buckets.values()].flatMap(bucket => bucket.map(({ id }) => id))
  }

  clear(): void {
    this.#buckets.clear()
  }

  touch(id: number, now: number): number | undefined {
    if (id === this.#own) return undefined

    const bucket = this.#bucketOf(id)
    const known = bucket.find(contact => contact.id === id)

    if (known != null) {
      known.seen = now
      known.isAsked = false
    } else if (bucket.length < this.#settings.k) {
      bucket.push({ id, seen: now, isAsked: false })
    } else {
      return this.#askOldest(bucket, now)
    }

    return undefined
  }

  hear(id: number, now: number): number | undefined {
    const bucket = this.#bucketOf(id)

    if (id === this.#own || bucket.some(contact => contact.id === id)) return undefined

    return bucket.length < this.#settings.k ? id : this.#askOldest(bucket, now)
  }

  fail(id: number): void {
    const bucket = this.#bucketOf(id)
    const place = bucket.findIndex(contact => contact.id === id && contact.isAsked)

    if (place !== -1) bucket.splice(place, 1)
  }

  writeNearest(target: number, out: Int32Array, at: number, asker: number): number {
    const nearest = this.nearest(target).filter(id => id !== asker)

    out.set(nearest, at)

    return nearest.length
  }

  /** Nearest first. */
  nearest(target: number): number[] {
    const found: number[] = []
    const home = this.#prefixOf(target)

    // Buckets in the order of their distance.
    for (let step = 0; step < 2 ** this.#settings.prefixBits; step += 1) {
      const bucket = this.#buckets.get(home ^ step) ?? []

      found.push(
        ...bucket.map(({ id }) => id).toSorted((a, b) => distance(a, target) - distance(b, target))
      )
      if (found.length >= this.#settings.k) break
    }

    return found.slice(0, this.#settings.k)
  }

  #askOldest(bucket: readonly Contact[], now: number): number | undefined {
    const [oldest] = bucket.toSorted((a, b) => a.seen - b.seen)

    if (oldest == null || now - oldest.seen < this.#settings.probeAfter) return undefined

    oldest.seen = now
    oldest.isAsked = true

    return oldest.id
  }

  #bucketOf(id: number): Contact[] {
    const prefix = this.#prefixOf(id)
    const bucket = this.#buckets.get(prefix) ?? []

    this.#buckets.set(prefix, bucket)

    return bucket
  }

  #prefixOf(id: number): number {
    return id >>> (32 - this.#settings.prefixBits)
  }
}
