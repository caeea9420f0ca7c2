import { encode } from '@ipld/dag-cbor'
import { varint } from 'multiformats'
import type { CID } from 'multiformats/cid'
import type { Block } from './walk.ts'

// Identity blocks stand in their CIDs already, and are not sent.
const IDENTITY = 0

/**
 * An archive of blocks, CAR version 1 (ipld.io/specs/transport/car/carv1), one piece at a time as it is asked for:
 *
 *     varint | DAG-CBOR { roots, version }   then for each block   varint | CID | bytes
 */
export async function* carOf(root: CID, blocks: AsyncIterable<Block>): AsyncGenerator<Uint8Array> {
  const header = encode({ roots: [root], version: 1 })

  yield withLength(header.length, header)

  for await (const { cid, bytes } of blocks) {
    if (cid.multihash.code !== IDENTITY) {
      yield withLength(cid.bytes.length + bytes.length, cid.bytes)
      yield bytes
    }
  }
}

function withLength(length: number, bytes: Uint8Array): Uint8Array {
  const size = varint.encodingLength(length)
  const piece = new Uint8Array(size + bytes.length)

  varint.encodeTo(length, piece)
  piece.set(bytes, size)

  return piece
}
