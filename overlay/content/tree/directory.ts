import { decode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { nodeOf, type Linked } from './node.ts'
import { editShard } from './shards.ts'
import type { Blocks } from './blocks.ts'

/** Above so many bytes of names and CIDs a directory is spread over shards, where the IPFS importer does it. */
export const SHARD_THRESHOLD = 262_144

/**
 * The importer does not count directories that are not empty, so that a folder of very many would become one block that
 * readers refuse; above this it is spread over shards here all the same.
 */
export const MAX_FLAT_BYTES = 1 << 20

/** By name; undefined for what is no longer there. */
export type Changes = ReadonlyMap<string, Linked | undefined>

/** How much is in a directory, in bytes of names and CIDs. */
export interface DirectoryWeight {
  /** Files and empty directories. */
  readonly counted: number
  readonly all: number
}

export interface DirectoryEdit {
  /** The node before, if there was one. */
  readonly previous: { readonly cid: CID; readonly isSharded: boolean } | undefined
  readonly changes: Changes
  readonly isSharded: boolean
  /** Every entry as it will be; asked for where the form of the node changes. */
  readonly entries: () => Promise<Changes>
}

export function isSharded(
  { counted, all }: DirectoryWeight,
  threshold: number = SHARD_THRESHOLD
): boolean {
  return counted > threshold || all > MAX_FLAT_BYTES
}

/** The node of a directory with its changes; nodes that are not on the way to them stay as they are. */
export async function editDirectory(edit: DirectoryEdit, blocks: Blocks): Promise<Linked> {
  const { previous, isSharded: willBeSharded } = edit
  const isSameForm = previous?.isSharded === willBeSharded
  const cid = isSameForm ? previous.cid : undefined
  const changes = isSameForm ? edit.changes : await edit.entries()

  return willBeSharded ? editShard(cid, changes, blocks) : editFlat(cid, changes, blocks)
}

async function editFlat(cid: CID | undefined, changes: Changes, blocks: Blocks): Promise<Linked> {
  const before = cid == null ? [] : decode(await blocks.load(cid)).Links
  const kept = before.filter(({ Name }) => !changes.has(Name ?? ''))
  const added = [...changes].flatMap(([name, linked]) =>
    linked == null ? [] : [{ Hash: linked.cid, Name: name, Tsize: linked.size }]
  )
  const node = nodeOf(new UnixFS({ type: 'directory' }), [...kept, ...added])

  await blocks.emit(node.block)

  return node
}
