import { BYTES, ProtobufReader, VARINT } from './protobuf-reader.ts'

/**
 * The `Data` message of UnixFS, in the subset that is read. Decoded here and not by a library so that counts are bounded
 * before anything is allocated, and because sizes above 2^53 are refused and need no BigInt.
 *
 *   1 Type varint, 2 Data bytes, 3 filesize varint, 4 blocksizes varint (repeated or packed),
 *   5 hashType varint, 6 fanout varint, 7 mode, 8 mtime (both passed over)
 *
 * Source: specs.ipfs.tech/unixfs
 */

const TYPES = ['raw', 'directory', 'file', 'metadata', 'symlink', 'shard'] as const

/** Links of one node; ours have 1,024, and a 2 MiB block with CIDs of 36 bytes has room for no more than this. */
export const MAX_LINKS = 50_000

export interface UnixFsData {
  readonly type: (typeof TYPES)[number]
  readonly data: Uint8Array
  readonly fileSize: number | undefined
  readonly blockSizes: readonly number[]
  readonly hashType: number | undefined
  readonly fanout: number | undefined
}

/**
 * @throws {RangeError} Saying what is wrong, so that it can follow the words "block <cid>".
 */
export function decodeUnixFsData(bytes: Uint8Array): UnixFsData {
  const reader = new ProtobufReader(bytes)
  const numbers = new Map<number, number>()
  const blockSizes: number[] = []
  let data: Uint8Array = new Uint8Array(0)

  while (!reader.isAtEnd) {
    const tag = reader.varint()
    const field = Math.floor(tag / 8)
    const wire = tag % 8

    if (wire === VARINT) {
      const value = reader.varint()

      if (field === 4) addSize(blockSizes, value)
      else numbers.set(field, value)
    } else if (wire === BYTES) {
      const content = reader.bytes()

      if (field === 2) data = content
      if (field === 4) unpack(content, blockSizes)
    } else {
      reader.skip(wire)
    }
  }

  return {
    type: typeOf(numbers.get(1)),
    data,
    fileSize: numbers.get(3),
    blockSizes,
    hashType: numbers.get(5),
    fanout: numbers.get(6)
  }
}

function unpack(content: Uint8Array, blockSizes: number[]): void {
  const packed = new ProtobufReader(content)

  while (!packed.isAtEnd) addSize(blockSizes, packed.varint())
}

function addSize(blockSizes: number[], size: number): void {
  if (blockSizes.length === MAX_LINKS) throw new RangeError(`has more than ${MAX_LINKS} parts`)

  blockSizes.push(size)
}

function typeOf(value: number | undefined): (typeof TYPES)[number] {
  const type = value == null ? undefined : TYPES[value]

  if (type == null) throw new RangeError('has no type that UnixFS knows')

  return type
}
