/** What `plexnet cache` asks of a running node: answers of web servers, and of other nodes where they have no signed tree. */
export interface CacheControl {
  status(): Promise<CacheStatus>
  /** Forgets all that is stored. */
  clear(): Promise<void>
}

/** Sizes in bytes; answers since the start. */
export interface CacheStatus {
  readonly hits: number
  readonly misses: number
  /** Addresses with stored answers. */
  readonly urls: number
  readonly bytes: number
  readonly budget: number
}
