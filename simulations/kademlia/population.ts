import type { RandomStream } from '../engine/random.ts'
import type { Identifiers } from './identifiers.ts'

/** Contacts of ranges smaller than this many times k are drawn by shuffling, of larger ones by trying again. */
const SHUFFLE_BELOW = 4

/** Leading bits by which the ids are indexed: 65,536 places, which stay in the processor's cache. */
const INDEX_BITS = 16
const REST_BITS: number = 32 - INDEX_BITS

/** Where the contacts of a table are written: those of the first bucket from `from` on, those of each next one `stride` places further. */
export interface Shape {
  readonly k: number
  readonly buckets: number
  readonly from?: number
  readonly stride?: number
}

/**
 * Who could stand in which bucket: ids in ascending order, so that all with one prefix are one range. Fills tables as they
 * look after long use, without playing the joins.
 */
export class Population {
  readonly #sorted: Int32Array
  /** Where the ids with each beginning of `INDEX_BITS` bits start. */
  readonly #starts: Int32Array
  /** What small ranges are shuffled in. */
  #pool = new Int32Array(0)

  constructor(handles: Iterable<number>, identifiers: Identifiers) {
    const ids = Uint32Array.from(handles, handle => identifiers.idOf(handle)).toSorted()

    this.#sorted = new Int32Array(ids.buffer)
    this.#starts = startsOf(ids)
  }

  get size(): number {
    return this.#sorted.length
  }

  /**
   * Writes up to `k` ids for each bucket of `own` to `out`, as `shape` says where, and how many they are to `counts`; the last bucket is
   * for all that are nearer than the others.
   */
  fill(
    own: number,
    { k, buckets, from = 0, stride = k }: Shape,
    stream: RandomStream,
    out: Int32Array,
    counts: Uint8Array | Uint16Array
  ): void {
    let low = 0
    let high = this.#sorted.length
    let at = from

    for (let bucket = 0; bucket < buckets - 1; bucket += 1) {
      // Ids from `middle` on have this bit set.
      const middle = this.#split(low, high, bucket, own)
      const isSet = (own >>> (31 - bucket)) & 1

      counts[bucket] =
        isSet === 1
          ? this.#draw(low, middle, k, stream, out, at)
          : this.#draw(middle, high, k, stream, out, at)
      at += stride
      if (isSet === 1) low = middle
      else high = middle
    }

    counts[buckets - 1] = this.#nearest(own, low, high, k, out, at)
  }

  /** Up to `k` ids for each beginning of `bits` bits, drawn at random; 16 bits at most. */
  drawPrefixes(bits: number, k: number, stream: RandomStream): number[] {
    const drawn = new Int32Array(k)
    const width = 2 ** (INDEX_BITS - bits)

    return Array.from({ length: 2 ** bits }, (_, prefix) => {
      const [low, high] = [this.#starts[prefix * width]!, this.#starts[(prefix + 1) * width]!]

      return [...drawn.subarray(0, this.#draw(low, high, k, stream, drawn, 0))]
    }).flat()
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

    return [...this.#sorted.subarray(low, high)]
      .toSorted((a, b) => ((a ^ target) >>> 0) - ((b ^ target) >>> 0))
      .slice(0, count)
  }

  /** The first place in a range of ids with `bit` leading bits of `own` whose next bit is set. */
  #split(low: number, high: number, bit: number, own: number): number {
    const mask = bit === 0 ? 0 : -1 << (32 - bit)
    const boundary = ((own & mask) | (1 << (31 - bit))) >>> 0

    if (bit < INDEX_BITS) return this.#starts[boundary >>> REST_BITS]!

    while (low < high) {
      const middle = (low + high) >>> 1

      if (this.#sorted[middle]! >>> 0 < boundary) low = middle + 1
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
    const sorted = this.#sorted

    if (size <= k) {
      for (let index = 0; index < size; index += 1) out[at + index] = sorted[low + index]!

      return size
    }
    if (size < k * SHUFFLE_BELOW)
      return shuffle(this.#poolFor(k), sorted, low, size, k, stream, out, at)

    drawPlaces(size, k, stream, out, at)

    // Only now, and all at once: the ids are far apart in memory, and the processor fetches several while it waits for the first.
    for (let index = at; index < at + k; index += 1) out[index] = sorted[low + out[index]!]!

    return k
  }

  #poolFor(k: number): Int32Array {
    if (this.#pool.length < k * SHUFFLE_BELOW) this.#pool = new Int32Array(k * SHUFFLE_BELOW)

    return this.#pool
  }

  #nearest(own: number, low: number, high: number, k: number, out: Int32Array, at: number): number {
    const others = [...this.#sorted.subarray(low, high)].filter(id => id !== own)
    const nearest = others.toSorted((a, b) => ((a ^ own) >>> 0) - ((b ^ own) >>> 0)).slice(0, k)

    nearest.forEach((id, index) => (out[at + index] = id))

    return nearest.length
  }
}

function shuffle(
  pool: Int32Array,
  sorted: Int32Array,
  low: number,
  size: number,
  k: number,
  stream: RandomStream,
  out: Int32Array,
  at: number
): number {
  for (let index = 0; index < size; index += 1) pool[index] = sorted[low + index]!
  for (let index = 0; index < k; index += 1) {
    const other = index + stream.below(size - index)

    out[at + index] = pool[other]!
    pool[other] = pool[index]!
  }

  return k
}

/** Writes `count` different numbers below `size` to `out`. */
function drawPlaces(
  size: number,
  count: number,
  stream: RandomStream,
  out: Int32Array,
  at: number
): void {
  const scale = size / 2 ** 32
  const end = at + count
  // One bit for each number drawn: where it is not set yet, the number is new, and no search is needed.
  let even = 0
  let odd = 0

  for (let next = at; next < end;) {
    const place = Math.floor((stream.bits() >>> 0) * scale)
    const bit = 1 << ((place >>> 1) & 31)
    const isEven = (place & 1) === 0
    const isMaybeSeen = ((isEven ? even : odd) & bit) !== 0

    if (isMaybeSeen && isAmong(out, at, next, place)) continue
    if (isEven) even |= bit
    else odd |= bit
    out[next] = place
    next += 1
  }
}

function isAmong(values: Int32Array, from: number, to: number, value: number): boolean {
  for (let at = from; at < to; at += 1) if (values[at] === value) return true

  return false
}

function startsOf(ids: Uint32Array): Int32Array {
  const starts = new Int32Array(2 ** INDEX_BITS + 1)

  for (const id of ids) starts[(id >>> REST_BITS) + 1]! += 1
  for (let at = 1; at < starts.length; at += 1) starts[at]! += starts[at - 1]!

  return starts
}
