import type { CID } from 'multiformats/cid'
import { DAG_PB, RAW } from '../../block.ts'
import { InvalidTreeError } from '../errors.ts'
import { decodeDagPb, type Link } from './dag-pb.ts'
import { decodeUnixFsData, type UnixFsData } from './unixfs-data.ts'

/** A part of a file: bytes of its own (a raw block), or a node with parts of its own. */
export interface Part {
  /** Made each time that it is asked for: few parts of a large file are. */
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

  const { links, data } = decode(cid, bytes)

  switch (data.type) {
    case 'raw':
    case 'file':
      return fileNode(cid, links, data)
    case 'directory':
      return { kind: 'folder', entries: entriesOf(links) }
    case 'shard':
      return { kind: 'shard', entries: entriesOf(links), bits: bitsOf(cid, data) }
    case 'symlink':
    case 'metadata':
      break
  }

  return { kind: 'other' }
}

function decode(
  cid: CID,
  bytes: Uint8Array
): { readonly links: readonly Link[]; readonly data: UnixFsData } {
  if (cid.code !== DAG_PB) throw new InvalidTreeError(cid, 'is of a kind that is not read')

  try {
    const { links, data } = decodeDagPb(bytes)

    return { links, data: decodeUnixFsData(data) }
  } catch (cause) {
    throw new InvalidTreeError(cid, cause instanceof RangeError ? cause.message : 'is not dag-pb', {
      cause
    })
  }
}

function fileNode(cid: CID, links: readonly Link[], unixFs: UnixFsData): FileNode {
  const { data, blockSizes, fileSize } = unixFs
  const size = blockSizes.reduce((sum, one) => sum + one, data.length)

  if (links.length !== blockSizes.length) {
    throw new InvalidTreeError(cid, 'names sizes for other parts than it has')
  }
  if (!Number.isSafeInteger(size) || (fileSize != null && fileSize !== size)) {
    throw new InvalidTreeError(cid, 'gives a size that its parts do not add up to')
  }

  const parts = links.map((link, index) => new LinkedPart(link, blockSizes[index] ?? 0))

  return { kind: 'file', size, data, parts }
}

function entriesOf(links: readonly Link[]): Entry[] {
  return links.map(({ name, cid, size }) => ({ name, cid, ...(size == null ? {} : { size }) }))
}

class LinkedPart implements Part {
  readonly size: number
  readonly #link: Link

  constructor(link: Link, size: number) {
    this.#link = link
    this.size = size
  }

  get cid(): CID {
    return this.#link.cid
  }
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
