import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'

/** A tree in memory, as IPFS software builds it. */
export interface MemoryTree {
  readonly root: CID
  readonly blocks: ReadonlyMap<string, Uint8Array>
  block(cid: CID): Promise<Uint8Array | undefined>
}

export interface TreeOptions {
  /** Bytes of a block; 256 KiB otherwise. */
  readonly chunk?: number
  /** Bytes of a folder's block from which it is sharded. */
  readonly shardAbove?: number
}

const CHUNK = 262_144
const LINKS = 1024

/** Files by path, with the settings by which sites are published. */
export async function treeOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  { chunk = CHUNK, shardAbove = 1 << 20 }: TreeOptions = {}
): Promise<MemoryTree> {
  const blocks = new Map<string, Uint8Array>()
  const source = Object.entries(files).map(([path, content]) => ({
    path,
    content: (async function* () {
      yield typeof content === 'string' ? new TextEncoder().encode(content) : content
    })()
  }))
  const store = {
    put: (cid: CID, bytes: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
      if (bytes instanceof Uint8Array) blocks.set(cid.toString(), bytes)

      return cid
    }
  }
  let root: CID | undefined

  for await (const entry of importer(source, store, {
    cidVersion: 1,
    rawLeaves: true,
    wrapWithDirectory: true,
    shardSplitThresholdBytes: shardAbove,
    chunker: fixedSize({ chunkSize: chunk }),
    layout: balanced({ maxChildrenPerNode: LINKS })
  })) {
    root = entry.cid
  }

  if (root == null) throw new Error('No tree was built.')

  return { root, blocks, block: async cid => blocks.get(cid.toString()) }
}
