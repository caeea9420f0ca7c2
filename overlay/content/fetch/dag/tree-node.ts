import { decode, type PBLink, type PBNode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { DAG_PB, isReadable, RAW } from '../../block.ts'
import { InvalidTreeError } from '../errors.ts'
import { countLinks } from './count-links.ts'
import { decodeUnixFsData, MAX_LINKS, type UnixFsData } from './unixfs-data.ts'

/** A part of a file: bytes of its own (a raw block), or a node with parts of its own. */
export interface Part {
  readonly cid: CID
  readonly size: number
}

export interface FileNode {
  readonly kind: 'file'
  readonly size: number
  /** Bytes in the node itself, before those of the parts. */
  readonly data: Uint8Array
  readonly parts: readonly Part[]
}

export interface Entry {
  readonly name: string
  readonly cid: CID
  /** Of all blocks below, in bytes, as the folder says; for a raw block that is the size of the file. */
  readonly size?: number
}

export interface FolderNode {
  readonly kind: 'folder'
  readonly entries: readonly Entry[]
}

export interface ShardNode {
  readonly kind: 'shard'
  readonly entries: readonly Entry[]
  /** How many bits of a name's hash choose the slot at this level. */
  readonly bits: number
}

/** What a site does not serve: symbolic links and nodes that only IPFS software used once. */
export interface OtherNode {
  readonly kind: 'other'
}

export type TreeNode = FileNode | FolderNode | ShardNode | OtherNode

const MURMUR3_X64_64 = 0x22
const SMALLEST_FANOUT = 8
const LARGEST_FANOUT = 1024

/**
 * What a block says that has been checked against its CID.
 *
 * @throws {InvalidTreeError} It is no UnixFS node, or one that contradicts itself.
 */
export function decodeTreeNode(cid: CID, bytes: Uint8Array): TreeNode {
  if (cid.code === RAW) return { kind: 'file', size: bytes.length, data: bytes, parts: [] }

  const { node, data } = decodeDagPb(cid, bytes)

  switch (data.type) {
    case 'raw':
    case 'file':
      return fileNode(cid, node.Links, data)
    case 'directory':
      return { kind: 'folder', entries: entriesOf(cid, node.Links) }
    case 'shard':
      return { kind: 'shard', entries: entriesOf(cid, node.Links), bits: bitsOf(cid, data) }
    case 'symlink':
    case 'metadata':
      break
  }

  return { kind: 'other' }
}

function decodeDagPb(cid: CID, bytes: Uint8Array): { node: PBNode; data: UnixFsData } {
  if (cid.code !== DAG_PB) throw new InvalidTreeError(cid, 'is of a kind that is not read')
  if (countLinks(bytes) > MAX_LINKS) {
    throw new InvalidTreeError(cid, `has more than ${MAX_LINKS} links`)
  }

  try {
    const node = decode(bytes)

    return { node, data: decodeUnixFsData(node.Data ?? new Uint8Array(0)) }
  } catch (cause) {
    const reason = cause instanceof RangeError ? cause.message : 'is not dag-pb'

    throw new InvalidTreeError(cid, reason, { cause })
  }
}

function fileNode(cid: CID, links: readonly PBLink[], unixFs: UnixFsData): FileNode {
  const { data, blockSizes, fileSize } = unixFs
  const size = blockSizes.reduce((sum, one) => sum + one, data.length)

  if (links.length !== blockSizes.length) {
    throw new InvalidTreeError(cid, 'names sizes for other parts than it has')
  }
  if (!Number.isSafeInteger(size) || (fileSize != null && fileSize !== size)) {
    throw new InvalidTreeError(cid, 'gives a size that its parts do not add up to')
  }

  const parts = links.map(({ Hash }, index) => ({
    cid: readable(cid, Hash),
    size: blockSizes[index] ?? 0
  }))

  return { kind: 'file', size, data, parts }
}

function entriesOf(cid: CID, links: readonly PBLink[]): Entry[] {
  return links.map(({ Name, Hash, Tsize }) => ({
    name: Name ?? '',
    cid: readable(cid, Hash),
    ...(Tsize == null ? {} : { size: Tsize })
  }))
}

function readable(parent: CID, child: CID): CID {
  if (!isReadable(child)) {
    throw new InvalidTreeError(
      parent,
      `leads to ${child.toString()}, which is of a kind that is not read`
    )
  }

  return child
}

function bitsOf(cid: CID, { fanout, hashType }: UnixFsData): number {
  const bits = Math.log2(fanout ?? 0)

  if (
    hashType !== MURMUR3_X64_64 ||
    !Number.isInteger(bits) ||
    2 ** bits < SMALLEST_FANOUT ||
    2 ** bits > LARGEST_FANOUT
  ) {
    throw new InvalidTreeError(cid, 'is a shard of a width or hash that is not read')
  }

  return bits
}
