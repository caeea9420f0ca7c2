const KIB = 1024
const MIB = 1024 * KIB
const SECOND = 1000

/** Every bound of the cache with its default; durations in ms, sizes in bytes. */
export const CACHE_LIMITS = {
  /** All stored responses together; 0 stores nothing. */
  budget: 64 * MIB,

  /** The largest response that is stored; a larger one passes through at the speed of its reader. */
  maxResponse: 8 * MIB,

  /** Responses on their way into the store, all together; what comes beside them is not stored. */
  maxFilling: 32 * MIB,

  /** Requests that wait for the answer to one like them; further ones go to the origin themselves. */
  maxWaiting: 1024,

  /** How long they wait. */
  maxWait: 5 * SECOND,

  /** How long requests for a URL go to the origin side by side after one answer could not be shared. */
  apartTime: 10 * SECOND
}

export type CacheLimits = Readonly<Record<keyof typeof CACHE_LIMITS, number>>
