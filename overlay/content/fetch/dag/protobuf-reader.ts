/** Kinds of fields (protobuf.dev/programming-guides/encoding). */
export const VARINT = 0
export const BYTES = 2
const FIXED_64 = 1
const FIXED_32 = 5

/** From the first byte to before the last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Reads the fields of a message in order, and nothing beyond its end. */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, { start, end }: Span = { start: 0, end: bytes.length }) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  varint(): number {
    let value = 0

    for (let factor = 1; ; factor *= 128) {
      const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined

      if (byte == null) throw new RangeError('ends in the middle of a number')
      this.#at += 1
      value += (byte & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('has a number above 2^53')
      if (byte < 0x80) return value
    }
  }

  bytes(): Uint8Array {
    const { start, end } = this.span()

    return this.#bytes.subarray(start, end)
  }

  /** Where bytes stand, for those who may not need them. */
  span(): Span {
    return this.#take(this.varint())
  }

  skip(wire: number): void {
    if (wire !== FIXED_64 && wire !== FIXED_32) throw new RangeError('is not UnixFS data')

    this.#take(wire === FIXED_64 ? 8 : 4)
  }

  #take(length: number): Span {
    const start = this.#at
    const end = start + length

    if (end > this.#end) throw new RangeError('ends in the middle of a field')

    this.#at = end

    return { start, end }
  }
}
