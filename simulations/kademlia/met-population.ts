import type { RandomStream } from '../engine/random.ts'
import type { Identifiers } from './identifiers.ts'
import { Population, type Shape } from './population.ts'

export interface Meetings {
  /** How many others the node with this id has met. */
  readonly met: (own: number) => number
  /** How far it is from one node to another, in any unit. */
  readonly far: (own: number, id: number) => number
}

/** Of those that could stand in one bucket so many are looked at; the nearest of more are hardly nearer. */
const MOST_MET = 512

/**
 * Fills tables as proximity neighbour selection leaves them: each bucket holds those nearest on the network among all that its owner has
 * met, who are spread over the buckets as the nodes are.
 */
export class MetPopulation extends Population {
  readonly #meetings: Meetings
  #met = new Int32Array(0)
  #counts = new Uint16Array(0)

  constructor(handles: Iterable<number>, identifiers: Identifiers, meetings: Meetings) {
    super(handles, identifiers)
    this.#meetings = meetings
  }

  override fill(
    own: number,
    { k, buckets, from = 0, stride = k }: Shape,
    stream: RandomStream,
    out: Int32Array,
    counts: Uint8Array | Uint16Array
  ): void {
    const others = this.#meetings.met(own)

    if (this.#counts.length !== buckets) {
      this.#met = new Int32Array(buckets * MOST_MET)
      this.#counts = new Uint16Array(buckets)
    }
    super.fill(own, { k: MOST_MET, buckets }, stream, this.#met, this.#counts)

    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const candidates = this.#met.subarray(
        bucket * MOST_MET,
        bucket * MOST_MET + this.#counts[bucket]!
      )
      // Full buckets come of the join; the last one, of the node's neighbours, does whoever else it meets.
      const met = Math.min(candidates.length, Math.max(k, Math.round(others / 2 ** (bucket + 1))))

      if (bucket < buckets - 1) this.#bringNearest(own, candidates, met, k, stream)
      counts[bucket] = Math.min(k, candidates.length)
      out.set(candidates.subarray(0, counts[bucket]), from + bucket * stride)
    }
  }

  /** Brings the `k` nearest of `met` candidates drawn at random to the front. */
  #bringNearest(
    own: number,
    candidates: Int32Array,
    met: number,
    k: number,
    stream: RandomStream
  ): void {
    const away: number[] = []

    for (let index = 0; index < met; index += 1) {
      const other = index + stream.below(candidates.length - index)
      const id = candidates[other]!
      const distance = this.#meetings.far(own, id)

      candidates[other] = candidates[index]!
      candidates[index] = id

      if (away.length === k && distance >= away[k - 1]!) continue

      let place = Math.min(away.length, k - 1)
      const pushedOut = candidates[place]!

      for (; place > 0 && away[place - 1]! > distance; place -= 1) {
        away[place] = away[place - 1]!
        candidates[place] = candidates[place - 1]!
      }
      away[place] = distance
      if (index >= k) candidates[index] = pushedOut
      candidates[place] = id
    }
  }
}
