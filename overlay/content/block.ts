import { createHash, hash, type Hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'

/** The largest block that is read, in bytes: the largest that IPFS software exchanges. Ours have 256 KiB. */
export const MAX_BLOCK_BYTES = 2 << 20

export const RAW = 0x55
export const DAG_PB = 0x70
const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/** Whether blocks of this kind are read: raw bytes or dag-pb, named by their whole SHA-256. */
export function isReadable(cid: CID): boolean {
  const { code, digest } = cid.multihash

  // Identity and truncated hashes would name a block that was never checked.
  return (
    code === SHA2_256 &&
    digest.length === SHA2_256_BYTES &&
    (cid.code === RAW || cid.code === DAG_PB)
  )
}

/** Of bytes that were checked here, so that whoever signs a block need not hash it again. */
const digests = new WeakMap<Uint8Array, Uint8Array>()

/** Whether `bytes` are the block that `cid` names, and one that is read at all. */
export function isBlockOf(cid: CID, bytes: Uint8Array): boolean {
  if (!isReadable(cid) || bytes.length > MAX_BLOCK_BYTES) return false

  const digest = hash('sha256', bytes, 'buffer')

  digests.set(bytes, digest)

  return digest.equals(cid.multihash.digest)
}

/** The SHA-256 of bytes that nobody changes any more. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return digests.get(bytes) ?? hash('sha256', bytes, 'buffer')
}

/** Checks a block whose bytes come in pieces. */
export class BlockCheck {
  readonly #hash: Hash = createHash('sha256')

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** Whether all bytes together are the block; asked once, at the end. */
  isBlock(cid: CID): boolean {
    return isReadable(cid) && this.#hash.digest().equals(cid.multihash.digest)
  }
}
