import type { LRUCache } from 'lru-cache'
import type { Flight } from './flights.ts'
import type { CacheLimits } from './settings.ts'
import type { CacheStore } from './store.ts'

/** What all requests to one cache have in common. */
export interface Shared {
  readonly limits: CacheLimits
  readonly store: CacheStore
  /** Requests to origins for which others may wait, by URL. */
  readonly flights: Map<string, Flight>
  /** URLs whose requests do not wait for each other for now. */
  readonly apart: LRUCache<string, true>
  /** Bytes on their way into the store, and what was done so far. */
  readonly counts: { filling: number; hits: number; misses: number }
}
