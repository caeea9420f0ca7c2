import { LRUCache } from 'lru-cache'
import type { CacheRequest, Origin, Receiver } from './exchange.ts'
import type { Flight } from './flights.ts'
import { CACHE_LIMITS, type CacheLimits } from './settings.ts'
import { CacheStore } from './store.ts'
import type { Shared } from './shared.ts'
import { Visit } from './visit/service.ts'

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

  clear(): void {
    this.#shared.store.clear()
  }

  /** Answers a request out of the store, or by way of its origin. */
  serve(request: CacheRequest, origin: Origin, receiver: Receiver): void {
    new Visit(this.#shared, request, origin, receiver).run()
  }
}
