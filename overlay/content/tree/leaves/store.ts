import type { CID } from 'multiformats/cid'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { isBlockOf } from '../../block.ts'
import { LEAF_BYTES } from '../file-dag.ts'
import type { LeafPlace } from '../store.ts'

/** The leaf as it stands in a file now; undefined where the file no longer has it. */
export async function readLeaf(
  root: string,
  { path, index }: LeafPlace,
  cid: CID
): Promise<Uint8Array | undefined> {
  const bytes = await readSlice(join(root, path), index * LEAF_BYTES).catch(() => undefined)

  // Whatever has become of the file meanwhile, nothing leaves it but what was published.
  return bytes != null && isBlockOf(cid, bytes) ? bytes : undefined
}

async function readSlice(path: string, offset: number): Promise<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const buffer = Buffer.allocUnsafe(LEAF_BYTES)
  let filled = 0

  while (filled < LEAF_BYTES) {
    const { bytesRead } = await file.read(buffer, filled, LEAF_BYTES - filled, offset + filled)

    if (bytesRead === 0) break
    filled += bytesRead
  }

  return buffer.subarray(0, filled)
}
