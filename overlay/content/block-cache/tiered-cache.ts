import type { CID } from 'multiformats/cid'
import type { BlockCache } from './block-cache.ts'
import type { DiskCache } from './disk/store.ts'
import { lengthOf } from './pieces.ts'
import type { MemoryCache } from './memory-cache.ts'

/**
 * Blocks up to this size are kept in memory too, in bytes: nodes of trees and small files. The parts of large files pass by
 * in order, and the operating system's own cache of files is the better place for them.
 */
const NEAR_BLOCK_BYTES = 128 << 10

/** Memory before disk. What memory has was checked by this process and is not checked again. */
export class TieredCache implements BlockCache {
  readonly #memory: MemoryCache
  readonly #disk: DiskCache

  constructor(memory: MemoryCache, disk: DiskCache) {
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

    if (far != null && far.length <= NEAR_BLOCK_BYTES) this.#memory.put(cid, far)

    return far
  }

  put(cid: CID, bytes: Uint8Array | readonly Uint8Array[]): void {
    if (lengthOf(bytes) <= NEAR_BLOCK_BYTES) this.#memory.put(cid, bytes)
    this.#disk.put(cid, bytes)
  }

  /** Whether it had the block. */
  async delete(cid: CID): Promise<boolean> {
    const wasNear = this.#memory.delete(cid)

    return (await this.#disk.delete(cid)) || wasNear
  }

  async clear(): Promise<void> {
    this.#memory.clear()
    await this.#disk.clear()
  }
}
