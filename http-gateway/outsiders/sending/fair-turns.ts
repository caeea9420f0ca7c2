import type { ByteBucket } from '../../../overlay/mirrors/pace/byte-bucket.ts'

/** Connections that share a rate: each has a piece that waits, and they take turns. Times in ms, from any start. */
export class FairTurns<Key> {
  readonly #bucket: ByteBucket
  readonly #waiting = new Map<Key, number>()
  #bytes = 0

  constructor(bucket: ByteBucket) {
    this.#bucket = bucket
  }

  /** How long a piece that comes now has to wait, in ms. */
  delay(now: number): number {
    return this.#waiting.size === 0 ? 0 : this.#bucket.timeFor(this.#bytes, now)
  }

  /** A piece wants to go; it is behind all that wait. */
  ask(key: Key, bytes: number): void {
    this.leave(key)
    this.#waiting.set(key, bytes)
    this.#bytes += bytes
  }

  leave(key: Key): void {
    this.#bytes -= this.#waiting.get(key) ?? 0
    this.#waiting.delete(key)
  }

  /** Whose piece goes now, in order. */
  *next(now: number): Generator<Key> {
    for (const [key, bytes] of this.#waiting) {
      if (this.#bucket.waitFor(bytes, now) > 0) return

      this.#bucket.spend(bytes, now)
      this.leave(key)
      yield key
    }
  }

  /** How long until the next can go; undefined where nobody waits. */
  waitFor(now: number): number | undefined {
    const [first] = this.#waiting.values()

    return first == null ? undefined : this.#bucket.waitFor(first, now)
  }
}
