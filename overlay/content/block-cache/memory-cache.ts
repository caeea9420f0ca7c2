import type { CID } from 'multiformats/cid'
import type { BlockCache } from './block-cache.ts'
import { lengthOf, ownBytes } from './pieces.ts'
import { S3Fifo } from './s3-fifo.ts'

/** What a block costs beside its bytes: its name, the entries of the maps and the object over the bytes. */
const OVERHEAD_BYTES = 512

/** Checked blocks in memory, under a budget in bytes. */
export class MemoryCache implements BlockCache {
  readonly #policy: S3Fifo
  readonly #blocks = new Map<string, Uint8Array>()

  constructor(maxBytes: number) {
    this.#policy = new S3Fifo(maxBytes)
  }

  get bytes(): number {
    return this.#policy.weight
  }

  get size(): number {
    return this.#blocks.size
  }

  has(cid: CID): boolean {
    return this.#blocks.has(cid.toString())
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    return this.find(cid)
  }

  /** The block, at once. */
  find(cid: CID): Uint8Array | undefined {
    const key = cid.toString()

    this.#policy.use(key)

    return this.#blocks.get(key)
  }

  put(cid: CID, bytes: Uint8Array | readonly Uint8Array[]): void {
    const key = cid.toString()

    if (this.#policy.use(key)) return

    const gone = this.#policy.add(key, lengthOf(bytes) + OVERHEAD_BYTES)

    if (!gone.includes(key)) this.#blocks.set(key, ownBytes(bytes))
    for (const one of gone) this.#blocks.delete(one)
  }

  delete(cid: CID): boolean {
    this.#policy.delete(cid.toString())

    return this.#blocks.delete(cid.toString())
  }

  clear(): void {
    for (const key of this.#blocks.keys()) this.#policy.delete(key)
    this.#blocks.clear()
  }
}
