import { CID } from 'multiformats/cid'
import { isBlockOf, RAW } from '../../content/block.ts'
import { decodeTreeNode, type Part } from '../../content/fetch/dag/tree-node.ts'

/** A file as blocks of a tree show it, with the parts that it has where it is not one raw block. */
export interface ShownFile {
  readonly cid: CID
  readonly parts: readonly Part[]
}

/**
 * The file at `path` of the tree below `root`, by nothing but `blocks`: the folders from the root down, and the node of the file where it
 * is not one raw block. Undefined where they show none, or more than that. Folders in shards show nothing: readers may differ on a name that stands in a wrong slot.
 */
export function fileIn(
  root: string,
  path: readonly string[],
  blocks: readonly Uint8Array[]
): ShownFile | undefined {
  try {
    let cid = CID.parse(root)

    for (const [depth, name] of path.entries()) {
      const entries = foldersEntries(cid, blocks[depth])
      const [found, ...others] = entries.filter(entry => entry.name === name)

      // Of two of one name nobody can say which is meant.
      if (found == null || others.length > 0) return undefined
      cid = found.cid
    }

    return fileOf(cid, blocks.slice(path.length))
  } catch {
    return undefined
  }
}

function foldersEntries(
  cid: CID,
  block: Uint8Array | undefined
): readonly { readonly name: string; readonly cid: CID }[] {
  const node = block != null && isBlockOf(cid, block) ? decodeTreeNode(cid, block) : undefined

  return node?.kind === 'folder' ? node.entries : []
}

function fileOf(cid: CID, rest: readonly Uint8Array[]): ShownFile | undefined {
  const [block, ...others] = rest

  if (cid.code === RAW) return block == null ? { cid, parts: [] } : undefined
  if (block == null || others.length > 0 || !isBlockOf(cid, block)) return undefined

  const node = decodeTreeNode(cid, block)

  return node.kind === 'file' && node.data.length === 0 ? { cid, parts: node.parts } : undefined
}
