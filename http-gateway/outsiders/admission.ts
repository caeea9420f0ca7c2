import { LRUCache } from 'lru-cache'
import type { OutsiderSettings } from '../config.ts'
import { ByteBucket } from '../../overlay/mirrors/pace/byte-bucket.ts'

type Limits = Omit<OutsiderSettings, 'sendRate' | 'crowd'>

export interface Refusal {
  readonly by: 'source' | 'outsiders'
  /** In ms. */
  readonly retryAfter: number
}

// Sources whose requests a second are counted, those that came last: who changes its address so often is held by what all outsiders may.
const MAX_SOURCES = 10_000

// So many seconds' requests may come at once: a page with all that belongs to it.
const BURST_SECONDS = 4

// How soon one of the requests that are being answered may be over, in ms.
const SOON = 1000

/** How many requests outsiders may make, each source and all together; times in ms, from any start. */
export class Admission {
  readonly #limits: Limits
  readonly #underway = new Map<string, number>()
  readonly #sources = new LRUCache<string, ByteBucket>({ max: MAX_SOURCES })
  readonly #all: ByteBucket | undefined
  #count = 0

  constructor(limits: Limits, now: number) {
    this.#limits = limits
    this.#all = bucketOf(limits.requestRate, now)
  }

  /** Requests of outsiders that are being answered. */
  get underway(): number {
    return this.#count
  }

  /** Counts a request, which `leave` ends, or says why it has to come later. */
  enter(source: string, now: number): Refusal | undefined {
    const refusal = this.#refusal(source, now)

    if (refusal !== undefined) return refusal

    this.#all?.spend(1, now)
    this.#bucketOf(source, now)?.spend(1, now)
    this.#underway.set(source, (this.#underway.get(source) ?? 0) + 1)
    this.#count += 1

    return undefined
  }

  leave(source: string): void {
    const left = (this.#underway.get(source) ?? 0) - 1

    this.#count -= 1

    if (left > 0) {
      this.#underway.set(source, left)
    } else {
      this.#underway.delete(source)
    }
  }

  #refusal(source: string, now: number): Refusal | undefined {
    const { sourceRequests, requests } = this.#limits
    const ofSource = this.#bucketOf(source, now)?.waitFor(1, now) ?? 0
    const ofAll = this.#all?.waitFor(1, now) ?? 0

    if (ofSource > 0) return { by: 'source', retryAfter: ofSource }
    if (isFull(sourceRequests, this.#underway.get(source)))
      return { by: 'source', retryAfter: SOON }
    if (ofAll > 0) return { by: 'outsiders', retryAfter: ofAll }

    return isFull(requests, this.#count) ? { by: 'outsiders', retryAfter: SOON } : undefined
  }

  #bucketOf(source: string, now: number): ByteBucket | undefined {
    const { sourceRate } = this.#limits
    const known = this.#sources.get(source)

    if (sourceRate === 0 || known !== undefined) return known

    const bucket = bucketOf(sourceRate, now)

    if (bucket !== undefined) this.#sources.set(source, bucket)

    return bucket
  }
}

function isFull(limit: number, count = 0): boolean {
  return limit > 0 && count >= limit
}

function bucketOf(rate: number, now: number): ByteBucket | undefined {
  return rate === 0 ? undefined : new ByteBucket(rate, Math.max(1, rate * BURST_SECONDS), now)
}
