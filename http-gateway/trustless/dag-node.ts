import { decode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'

/** A block as a node of a UnixFS tree. */
export interface DagNode {
  readonly kind: 'file' | 'directory' | 'shards' | 'other'
  /** Bytes of the file below; 0 for what is no file. */
  readonly size: number
  readonly links: readonly DagLink[]
}

export interface DagLink {
  readonly cid: CID
  readonly name: string
  /** Bytes of the file below the link; 0 where that is not said. */
  readonly size: number
}

const RAW = 0x55
const DAG_PB = 0x70

const LEAF: DagNode = { kind: 'other', size: 0, links: [] }

/** The node in a verified block; what is not UnixFS has no links that are followed. */
export function readDagNode(cid: CID, bytes: Uint8Array): DagNode {
  if (cid.code === RAW) {
    return { kind: 'file', size: bytes.length, links: [] }
  }

  return cid.code === DAG_PB ? (tryRead(bytes) ?? LEAF) : LEAF
}

function tryRead(bytes: Uint8Array): DagNode | undefined {
  try {
    const { Data, Links } = decode(bytes)
    const data = Data === undefined ? undefined : UnixFS.unmarshal(Data)

    return {
      kind: kindOf(data),
      size: data?.type === 'file' || data?.type === 'raw' ? Number(data.fileSize()) : 0,
      links: Links.map(({ Hash, Name = '' }, index) => ({
        // The two libraries have types of their own for one class.
        cid: CID.decode(Hash.bytes),
        name: Name,
        size: Number(data?.blockSizes[index] ?? 0)
      }))
    }
  } catch {
    return undefined
  }
}

const KINDS: Readonly<Record<string, DagNode['kind']>> = {
  file: 'file',
  raw: 'file',
  directory: 'directory',
  'hamt-sharded-directory': 'shards'
}

function kindOf(data: UnixFS | undefined): DagNode['kind'] {
  return KINDS[data?.type ?? ''] ?? 'other'
}
