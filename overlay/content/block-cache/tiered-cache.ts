import type { CID } from 'multiformats/cid'
import type { BlockCache } from './block-cache.ts'
import type { MemoryCache } from './memory-cache.ts'

/** Memory before disk. What memory has was checked by this process and is not checked again. */
export class TieredCache implements BlockCache {
  readonly #memory: MemoryCache
  readonly #disk: BlockCache

  constructor(memory: MemoryCache, disk: BlockCache) {
    this.#memory = memory
    this.#disk = disk
  }

  has(cid: CID): boolean {
    return this.#memory.has(cid) || this.#disk.has(cid)
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    const near = this.#memory.find(cid)

    if (near != null) return near

    const far = await this.#disk.get(cid)

    if (far != null) this.#memory.put(cid, far)

    return far
  }

  put(cid: CID, bytes: Uint8Array): void {
    this.#memory.put(cid, bytes)
    this.#disk.put(cid, bytes)
  }
}
