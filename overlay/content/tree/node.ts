import { encode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { create as createDigest, Digest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { DAG_PB, RAW } from '../block.ts'

const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/** A CIDv1 of raw bytes by SHA-256, up to the digest. */
const LEAF_PREFIX = Uint8Array.of(1, RAW, SHA2_256, SHA2_256_BYTES)

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
  // Over one piece of pooled memory: there are as many of these as files, and more.
  const bytes = Buffer.allocUnsafe(LEAF_PREFIX.length + SHA2_256_BYTES)

  bytes.set(LEAF_PREFIX)
  bytes.set(digest, LEAF_PREFIX.length)

  const multihash = new Digest(
    SHA2_256,
    SHA2_256_BYTES,
    bytes.subarray(LEAF_PREFIX.length),
    bytes.subarray(2)
  )

  return new CID(1, RAW, multihash, bytes)
}

/** The block of a node and what links to it say. */
export function nodeOf(data: UnixFS, links: PBLink[]): Node {
  const bytes = encode({ Data: data.marshal(), Links: sortByName(links) })
  const digest = hash('sha256', bytes, 'buffer')
  const cid = CID.createV1(DAG_PB, createDigest(SHA2_256, digest))
  const below = links.reduce((sum, link) => sum + (link.Tsize ?? 0), 0)

  return { cid, size: bytes.length + below, block: { cid, bytes } }
}

/** The directory that has nothing in it. */
export const EMPTY_DIRECTORY: Node = nodeOf(new UnixFS({ type: 'directory' }), [])

/** As dag-pb wants them, by the bytes of their names; its own sorting encodes both names for each comparison. */
function sortByName(links: PBLink[]): PBLink[] {
  if (links.every(({ Name }) => Name === '')) return links

  return links
    .map(link => ({ link, name: Buffer.from(link.Name ?? '') }))
    .toSorted((a, b) => a.name.compare(b.name))
    .map(({ link }) => link)
}
