import type { RandomStream } from '../engine/random.ts'
import type { Identifiers } from './identifiers.ts'

/** Contacts of ranges smaller than this many times k are drawn by shuffling, of larger ones by trying again. */
const SHUFFLE_BELOW = 4

/**
 * Who could stand in which bucket: ids in ascending order, so that all with one prefix are one range. Fills tables as they
 * look after long use, without playing the joins.
 */
export class Population {
  readonly #sorted: Uint32Array

  constructor(handles: Iterable<number>, identifiers: Identifiers) {
    this.#sorted = Uint32Array.from(handles, handle => identifiers.idOf(handle)).toSorted()
  }

  get size(): number {
    return this.#sorted.length
  }

  /**
   * Writes up to `k` ids for each bucket of `own` to `out`, `k` places a bucket, and how many they are to `counts`; the last bucket is
   * for all that are nearer than the others.
   */
  fill(
    own: number,
    { k, buckets }: { k: number; buckets: number },
    stream: RandomStream,
    out: Int32Array,
    counts: Uint8Array
  ): void {
    let low = 0
    let high = this.#sorted.length

    for (let bucket = 0; bucket < buckets - 1; bucket += 1) {
      // Ids from `middle` on have this bit set.
      const middle = this.#split(low, high, bucket, own)
      const isSet = (own >>> (31 - bucket)) & 1

      counts[bucket] =
        isSet === 1
          ? this.#draw(low, middle, k, stream, out, bucket * k)
          : this.#draw(middle, high, k, stream, out, bucket * k)
      if (isSet === 1) low = middle
      else high = middle
    }

    counts[buckets - 1] = this.#nearest(own, low, high, k, out, (buckets - 1) * k)
  }

  /** The `count` ids nearest to a target, nearest first. */
  nearestTo(target: number, count: number): number[] {
    let low = 0
    let high = this.#sorted.length

    for (let bit = 0; bit < 32 && high - low > count; bit += 1) {
      const middle = this.#split(low, high, bit, target)
      const half: [number, number] =
        ((target >>> (31 - bit)) & 1) === 1 ? [middle, high] : [low, middle]

      if (half[1] - half[0] < count) break
      ;[low, high] = half
    }

    return Array.from(this.#sorted.subarray(low, high), id => id | 0)
      .toSorted((a, b) => ((a ^ target) >>> 0) - ((b ^ target) >>> 0))
      .slice(0, count)
  }

  /** The first place in a range of ids with `bit` leading bits of `own` whose next bit is set. */
  #split(low: number, high: number, bit: number, own: number): number {
    const mask = bit === 0 ? 0 : -1 << (32 - bit)
    const boundary = ((own & mask) | (1 << (31 - bit))) >>> 0

    while (low < high) {
      const middle = (low + high) >>> 1

      if (this.#sorted[middle]! < boundary) low = middle + 1
      else high = middle
    }

    return low
  }

  #draw(
    low: number,
    high: number,
    k: number,
    stream: RandomStream,
    out: Int32Array,
    at: number
  ): number {
    const size = high - low

    if (size <= k) {
      for (let index = 0; index < size; index += 1) out[at + index] = this.#sorted[low + index]!

      return size
    }
    if (size < k * SHUFFLE_BELOW) {
      const pool = Int32Array.from({ length: size }, (_, index) => this.#sorted[low + index]!)

      for (let index = 0; index < k; index += 1) {
        const other = index + stream.below(size - index)

        out[at + index] = pool[other]!
        pool[other] = pool[index]!
      }

      return k
    }
    for (let index = 0; index < k;) {
      const id = this.#sorted[low + stream.below(size)]! | 0
      let seen = 0

      while (seen < index && out[at + seen] !== id) seen += 1
      if (seen === index) {
        out[at + index] = id
        index += 1
      }
    }

    return k
  }

  #nearest(own: number, low: number, high: number, k: number, out: Int32Array, at: number): number {
    const others = Array.from(this.#sorted.subarray(low, high), id => id | 0).filter(
      id => id !== own
    )
    const nearest = others.toSorted((a, b) => ((a ^ own) >>> 0) - ((b ^ own) >>> 0)).slice(0, k)

    nearest.forEach((id, index) => (out[at + index] = id))

    return nearest.length
  }
}
