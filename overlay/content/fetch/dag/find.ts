import type { CID } from 'multiformats/cid'
import { RAW } from '../../block.ts'
import { InvalidTreeError } from '../errors.ts'
import type { Blocks, Wanted } from './blocks.ts'
import { findEntry, listShards, namedEntriesOf } from './folder.ts'
import { decodeTreeNode, type Entry, type FileNode, type TreeNode } from './tree-node.ts'

/** The longest path that is followed, in segments. */
export const MAX_PATH_SEGMENTS = 256

export interface FoundFile {
  readonly kind: 'file'
  readonly path: readonly string[]
  readonly cid: CID
  /** In bytes. */
  readonly size: number
  readonly node: FileNode
}

export interface FoundFolder {
  readonly kind: 'folder'
  readonly path: readonly string[]
  readonly cid: CID
}

export type Found = FoundFile | FoundFolder | { readonly kind: 'missing' }

const MISSING: Found = { kind: 'missing' }

/** What stands at `path` below `root`, by reading one block of the tree for each folder on the way. */
export async function findPath(
  blocks: Blocks,
  root: CID,
  path: readonly string[],
  signal: AbortSignal
): Promise<Found> {
  if (path.length > MAX_PATH_SEGMENTS) return MISSING

  let cid = root
  let node = await open(blocks, { cid, name: '' }, path, signal)

  for (const [depth, name] of path.entries()) {
    const entry = await entryOf(blocks, cid, node, name, signal)

    // A raw block is a file, and nothing lies below one.
    if (entry == null || (entry.cid.code === RAW && depth < path.length - 1)) return MISSING
    cid = entry.cid
    node = await open(blocks, entry, path, signal)
  }

  switch (node.kind) {
    case 'file':
      return { kind: 'file', path, cid, size: node.size, node }
    case 'folder':
    case 'shard':
      return { kind: 'folder', path, cid }
    case 'other':
      break
  }

  return MISSING
}

/** The entries of a folder, in the order of the tree; what has no proper name is left out. */
export async function* listFolder(
  blocks: Blocks,
  cid: CID,
  signal: AbortSignal
): AsyncGenerator<Entry> {
  const node = decodeTreeNode(cid, await blocks.get({ cid }, signal))

  if (node.kind === 'folder') yield* namedEntriesOf(cid, node.entries)
  else if (node.kind === 'shard') yield* listShards(blocks, { cid, shard: node, used: 0 }, signal)
  else throw new InvalidTreeError(cid, 'is no folder')
}

async function entryOf(
  blocks: Blocks,
  cid: CID,
  node: TreeNode,
  name: string,
  signal: AbortSignal
): Promise<Entry | undefined> {
  switch (node.kind) {
    case 'folder':
      return findEntry(blocks, { cid, entries: node.entries }, name, signal)
    case 'shard':
      return findEntry(blocks, { cid, shard: node, used: 0 }, name, signal)
    case 'file':
    case 'other':
      break
  }

  return undefined
}

async function open(
  blocks: Blocks,
  entry: Entry,
  path: readonly string[],
  signal: AbortSignal
): Promise<TreeNode> {
  const bytes = await blocks.get(wantedOf(entry, path), signal)

  return decodeTreeNode(entry.cid, bytes)
}

/** A raw block is the whole file, which a web server without blocks has too. */
function wantedOf({ cid, size }: Entry, path: readonly string[]): Wanted {
  return cid.code === RAW && size != null
    ? { cid, place: { path, offset: 0, size, fileSize: size } }
    : { cid }
}
