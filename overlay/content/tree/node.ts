import { createNode, encode, prepare, type PBLink } from '@ipld/dag-pb'
import type { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { DAG_PB, RAW } from '../block.ts'

const SHA2_256 = 0x12

/** What a link says of the tree below it. */
export interface Linked {
  readonly cid: CID
  /** Of all blocks below, this one included, in bytes: the Tsize of dag-pb. */
  readonly size: number
}

export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

export interface Node extends Linked {
  readonly block: Block
}

/** The name of a leaf: a piece of a file as it is. */
export function leafCid(digest: Uint8Array): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, digest))
}

/** The block of a node and what links to it say. */
export function nodeOf(data: UnixFS, links: PBLink[]): Node {
  const bytes = encode(prepare(createNode(data.marshal(), links)))
  const digest = hash('sha256', bytes, 'buffer')
  const cid = CID.createV1(DAG_PB, createDigest(SHA2_256, digest))
  const below = links.reduce((sum, link) => sum + (link.Tsize ?? 0), 0)

  return { cid, size: bytes.length + below, block: { cid, bytes } }
}
