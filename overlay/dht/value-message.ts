import { varint } from 'multiformats'

/*
 * Kademlia's GET_VALUE as js-libp2p and go-libp2p speak it, protobuf without its length prefix
 * (libp2p specs, kad-dht, "RPC messages"):
 *
 *   request   08 01          type = GET_VALUE
 *             12 <len> key
 *   answer    1a <len> record among other fields; absent where the peer has none
 *   record    12 <len> value among other fields
 */
const TYPE_GET_VALUE = [0x08, 0x01]
const FIELD_KEY = 0x12
const FIELD_RECORD = 3
const FIELD_VALUE = 2

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** The message that asks a peer for the value that it holds itself under a key. */
export function encodeGetValue(key: Uint8Array): Uint8Array {
  const length = varint.encodeTo(key.length, new Uint8Array(varint.encodingLength(key.length)))

  return Uint8Array.from([...TYPE_GET_VALUE, FIELD_KEY, ...length, ...key])
}

/**
 * The value in a peer's answer, if it has one.
 *
 * @throws {Error} where the answer is no message
 */
export function decodeValue(message: Uint8Array): Uint8Array | undefined {
  const record = fieldOf(message, FIELD_RECORD)

  return record == null ? undefined : fieldOf(record, FIELD_VALUE)
}

/** The content of the first field of a number. */
function fieldOf(message: Uint8Array, number: number): Uint8Array | undefined {
  let offset = 0

  while (offset < message.length) {
    const [tag, tagLength] = varint.decode(message, offset)
    const [start, end] = extentOf(message, offset + tagLength, tag & 7)

    if (tag >>> 3 === number) return message.subarray(start, end)
    offset = end
  }

  return undefined
}

/** Where a field's content begins and ends. */
function extentOf(message: Uint8Array, offset: number, wireType: number): [number, number] {
  const [start, length] = measure(message, offset, wireType)

  if (start + length > message.length) throw new Error('A field runs over the end of its message.')

  return [start, start + length]
}

function measure(message: Uint8Array, offset: number, wireType: number): [number, number] {
  switch (wireType) {
    case VARINT:
      return [offset, varint.decode(message, offset)[1]]
    case FIXED64:
      return [offset, 8]
    case LENGTH_DELIMITED: {
      const [length, prefix] = varint.decode(message, offset)

      return [offset + prefix, length]
    }
    case FIXED32:
      return [offset, 4]
    default:
      throw new Error(`Protobuf has no wire type ${wireType}.`)
  }
}
