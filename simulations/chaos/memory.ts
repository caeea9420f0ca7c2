import { S3Fifo } from '../../overlay/content/block-cache/s3-fifo.ts'
import { SourceMemory } from '../../overlay/content/fetch/source-memory.ts'
import type { KnownSite } from '../../overlay/content/site-lookup/succession.ts'

/** Blocks that a cache holds: of fewer sites than there are. */
export const CACHE_BLOCKS = 12

/** What a node has in memory, and loses when it crashes. */
export class Memory {
  /** By site. */
  readonly known = new Map<number, KnownSite>()
  readonly faults = new SourceMemory()
  /** Reads that are under way. */
  readonly reads = new Set<number>()
  readonly #cache = new S3Fifo(CACHE_BLOCKS)
  readonly #blocks = new Map<string, Uint8Array>()

  /** Blocks in the cache. */
  get cached(): number {
    return this.#blocks.size
  }

  block(name: string): Uint8Array | undefined {
    return this.#cache.use(name) ? this.#blocks.get(name) : undefined
  }

  keep(name: string, bytes: Uint8Array): void {
    this.#blocks.set(name, bytes)
    for (const gone of this.#cache.add(name, 1)) this.#blocks.delete(gone)
  }
}
