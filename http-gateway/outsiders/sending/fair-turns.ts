import type { ByteBucket } from '../../../overlay/mirrors/pace/byte-bucket.ts'

/** Connections that share a rate: each has a piece that waits, and they take turns. Times in ms, from any start. */
export class FairTurns<Key> {
  readonly #bucket: ByteBucket
  readonly #waiting = new Map<Key, { readonly bytes: number; readonly since: number }>()
  /** How long the piece waited that was let through last. */
  #delay = 0

  constructor(bucket: ByteBucket) {
    this.#bucket = bucket
  }

  /** Of who goes next, how long it has waited, or what the last one waited where nobody does: what a new piece has to expect. */
  delay(now: number): number {
    const [first] = this.#waiting.values()

    return first == null ? 0 : Math.max(this.#delay, now - first.since)
  }

  /** A piece wants to go; it is behind all that wait. */
  ask(key: Key, bytes: number, now: number): void {
    this.#waiting.set(key, { bytes, since: now })
  }

  leave(key: Key): void {
    this.#waiting.delete(key)
  }

  /** Whose piece goes now, in order. */
  *next(now: number): Generator<Key> {
    for (const [key, { bytes, since }] of this.#waiting) {
      if (this.#bucket.waitFor(bytes, now) > 0) return

      this.#bucket.spend(bytes, now)
      this.#waiting.delete(key)
      this.#delay = now - since
      yield key
    }
  }

  /** How long until the next can go; undefined where nobody waits. */
  waitFor(now: number): number | undefined {
    const [first] = this.#waiting.values()

    return first == null ? undefined : this.#bucket.waitFor(first.bytes, now)
  }
}
