import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'

/** A file's content, or undefined for an empty directory. */
export type Content = Uint8Array | AsyncIterable<Uint8Array> | undefined

/** The root that IPFS software computes for files by path, with the settings of a site. */
export async function importedRoot(
  files: Iterable<readonly [path: string, content: Content]>,
  shardSplitThresholdBytes?: number
): Promise<CID | undefined> {
  const source = [...files].map(([path, content]) =>
    content == null ? { path } : { path, content }
  )
  let root: CID | undefined

  for await (const { cid } of importer(
    source,
    { put: async (name: CID) => name },
    {
      cidVersion: 1,
      rawLeaves: true,
      chunker: fixedSize({ chunkSize: 262_144 }),
      layout: balanced({ maxChildrenPerNode: 1024 }),
      wrapWithDirectory: true,
      ...(shardSplitThresholdBytes != null && { shardSplitThresholdBytes })
    }
  )) {
    root = cid
  }

  return root
}
