import { LRUCache } from 'lru-cache'
import { hitStatus } from './cache-status.ts'
import { isForOrigin } from './conditions.ts'
import type { CacheRequest, Origin, Receiver } from './exchange.ts'
import type { Flight } from './flights.ts'
import { secondsLeft } from './freshness.ts'
import { keyOf } from './key.ts'
import { wishesOf } from './request-directives.ts'
import { judgeReuse } from './reuse.ts'
import type { Selection } from './selection.ts'
import { CACHE_LIMITS, type CacheLimits } from './settings.ts'
import { CacheStore } from './store.ts'
import type { Shared } from './shared.ts'
import { answerFrom } from './stored-answer.ts'
import type { StoredResponse } from './stored-response.ts'
import { Visit } from './visit/service.ts'

/** A request as far as what is stored is concerned. */
export type StoredRequest = Pick<CacheRequest, 'method' | 'space' | 'url' | 'headers'>

/** What the cache has done since it was made. */
export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  readonly urls: number
  readonly bytes: number
  readonly budget: number
}

// URLs whose answers could not be shared a moment ago.
const MAX_APART = 4096

/** A shared HTTP cache in memory (RFC 9111) before any number of origins. */
export class HttpCache {
  readonly #shared: Shared

  constructor(limits: Partial<CacheLimits> = {}) {
    const all = { ...CACHE_LIMITS, ...limits }

    this.#shared = {
      limits: all,
      store: new CacheStore(all.budget),
      flights: new Map<string, Flight>(),
      apart: new LRUCache<string, true>({ max: MAX_APART, ttl: all.apartTime }),
      counts: { filling: 0, hits: 0, misses: 0 }
    }
  }

  get counts(): CacheCounts {
    const { store, limits, counts } = this.#shared

    return {
      hits: counts.hits,
      misses: counts.misses,
      urls: store.size,
      bytes: store.bytes,
      budget: limits.budget
    }
  }

  /** What is stored for a request and may be used at once, `now` in ms since the epoch; undefined where its origin is to be asked. */
  fresh(request: StoredRequest, now: number): StoredResponse | undefined {
    const { method, headers } = request

    if ((method !== 'GET' && method !== 'HEAD') || isForOrigin(headers)) {
      return undefined
    }

    const stored = this.#shared.store.find(keyOf(request), headers)

    if (stored === undefined || stored === 'other') {
      return undefined
    }

    const wishes = wishesOf(headers)

    return !wishes.noStore && judgeReuse(stored.freshness, wishes, now) === 'use'
      ? stored
      : undefined
  }

  /** The answer of a fresh response to a request; undefined where it has not all that is asked for. */
  answer(
    stored: StoredResponse,
    { method, headers }: Pick<StoredRequest, 'method' | 'headers'>,
    now: number
  ): Selection | undefined {
    const status = hitStatus(secondsLeft(stored.freshness, now))

    return answerFrom(stored, { method, headers, now, status, isConfirmed: false })
  }

  /** To be told of answers that were given elsewhere. */
  countHit(): void {
    this.#shared.counts.hits++
  }

  clear(): void {
    this.#shared.store.clear()
  }

  /** Answers a request out of the store, or by way of its origin. */
  serve(request: CacheRequest, origin: Origin, receiver: Receiver): void {
    new Visit(this.#shared, request, origin, receiver).run()
  }
}
