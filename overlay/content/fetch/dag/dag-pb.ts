/**
 * A node of dag-pb, strict as its specification wants it: links before or behind the data, never both, and the fields of a link in order.
 * Decoded here and not by a library so that links are bounded before they are kept, and since of a file's 1,024 links a reader
 * mostly wants a few: a CID is made when it is asked for.
 *
 *   node: 1 Data bytes, 2 Links message (repeated)
 *   link: 1 Hash bytes, 2 Name string, 3 Tsize varint
 *
 * Source: ipld.io/specs/codecs/dag-pb/spec
 */
import { CID } from 'multiformats/cid'
import { DAG_PB, RAW } from '../../block.ts'
import { BYTES, ProtobufReader, VARINT, type Span } from './protobuf-reader.ts'
import { MAX_LINKS } from './unixfs-data.ts'

const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/** How the CIDs of blocks begin that are read: raw and dag-pb blocks of version 1, and dag-pb blocks of version 0. */
const READABLE = [
  [0x01, RAW, SHA2_256, SHA2_256_BYTES],
  [0x01, DAG_PB, SHA2_256, SHA2_256_BYTES],
  [SHA2_256, SHA2_256_BYTES]
] as const

const utf8 = new TextDecoder()

/** A link to a block that may be read. */
export class Link {
  /** Of all blocks below, in bytes, as the node says. */
  readonly size: number | undefined
  readonly #bytes: Uint8Array
  readonly #hash: number
  readonly #hashEnd: number
  readonly #name: Span | undefined

  constructor(bytes: Uint8Array, hash: Span, name: Span | undefined, size: number | undefined) {
    this.size = size
    this.#bytes = bytes
    this.#hash = hash.start
    this.#hashEnd = hash.end
    this.#name = name
  }

  get cid(): CID {
    return CID.decode(this.#bytes.subarray(this.#hash, this.#hashEnd))
  }

  get name(): string {
    return this.#name == null
      ? ''
      : utf8.decode(this.#bytes.subarray(this.#name.start, this.#name.end))
  }
}

export interface DagPbNode {
  readonly links: readonly Link[]
  readonly data: Uint8Array
}

/**
 * @throws {RangeError} Saying what is wrong, so that it can follow the words "block <cid>".
 */
export function decodeDagPb(bytes: Uint8Array): DagPbNode {
  const reader = new ProtobufReader(bytes)
  const links: Link[] = []
  let data: Uint8Array | undefined
  let isOver = false

  while (!reader.isAtEnd) {
    const tag = reader.varint()

    if (tag === tagOf(1, BYTES) && data == null) {
      data = reader.bytes()
      isOver = links.length > 0
    } else if (tag === tagOf(2, BYTES) && !isOver) {
      if (links.length === MAX_LINKS) throw new RangeError(`has more than ${MAX_LINKS} links`)

      links.push(decodeLink(bytes, reader.span()))
    } else {
      throw new RangeError('is not dag-pb')
    }
  }

  return { links, data: data ?? new Uint8Array(0) }
}

function decodeLink(bytes: Uint8Array, span: Span): Link {
  const reader = new ProtobufReader(bytes, span)
  let hash: Span | undefined
  let name: Span | undefined
  let size: number | undefined
  let last = 0

  while (!reader.isAtEnd) {
    const tag = reader.varint()

    if (tag <= last) throw new RangeError('has a link whose fields are not in order')
    if (tag === tagOf(1, BYTES)) hash = reader.span()
    else if (tag === tagOf(2, BYTES)) name = reader.span()
    else if (tag === tagOf(3, VARINT)) size = reader.varint()
    else throw new RangeError('has a link that is none')

    last = tag
  }

  if (hash == null) throw new RangeError('has a link that leads nowhere')
  checkReadable(bytes, hash)

  return new Link(bytes, hash, name, size)
}

/** Identity and truncated hashes would name a block that was never checked. */
function checkReadable(bytes: Uint8Array, { start, end }: Span): void {
  const isReadable = READABLE.some(
    prefix =>
      end - start === prefix.length + SHA2_256_BYTES &&
      prefix.every((byte, index) => bytes[start + index] === byte)
  )

  if (!isReadable) throw new RangeError('leads to a block of a kind that is not read')
}

function tagOf(field: number, wire: number): number {
  return 8 * field + wire
}
