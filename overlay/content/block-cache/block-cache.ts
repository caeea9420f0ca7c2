import type { CID } from 'multiformats/cid'

/** Keeps blocks that were checked against their CIDs. Nothing that it does may make a read fail. */
export interface BlockCache {
  /** Whether it probably has the block; without I/O. */
  has(cid: CID): boolean
  /** The block, checked again where it was out of this process's memory. */
  get(cid: CID): Promise<Uint8Array | undefined>
  /** Takes bytes that were checked, in one piece or several; they must not be changed afterwards. */
  put(cid: CID, bytes: Uint8Array | readonly Uint8Array[]): void
}
