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

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const FIXED_32 = 5

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
  const reader = new Reader(bytes)
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
  const packed = new Reader(content)

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

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0

    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at]

      if (byte == null) throw new RangeError('ends in the middle of a number')
      this.#at += 1
      value += (byte & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('has a number above 2^53')
      if (byte < 0x80) return value
    }
  }

  bytes(): Uint8Array {
    return this.#take(this.varint())
  }

  skip(wire: number): void {
    if (wire !== FIXED_64 && wire !== FIXED_32) throw new RangeError('is not UnixFS data')

    this.#take(wire === FIXED_64 ? 8 : 4)
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length

    if (end > this.#bytes.length) throw new RangeError('ends in the middle of a field')

    const taken = this.#bytes.subarray(this.#at, end)

    this.#at = end

    return taken
  }
}
