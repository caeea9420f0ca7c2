import type { ByteRange } from './range.ts'
import type { Representation } from './representation.ts'

export interface Multipart {
  readonly fields: string[]
  readonly content: readonly (ByteRange | string)[]
}

/** Several parts of a file as one message, `multipart/byteranges` (RFC 9110 section 14.6). */
export function multipart(
  ranges: readonly ByteRange[],
  { fields, size, type }: Representation,
  boundary: string
): Multipart {
  const parts = ranges.flatMap((range, index) => [
    `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`,
    range
  ])
  const content = [...parts, `\r\n--${boundary}--\r\n`]

  return {
    fields: [
      ...withType(fields, `multipart/byteranges; boundary=${boundary}`),
      'Content-Length',
      String(content.reduce((sum, part) => sum + lengthOf(part), 0))
    ],
    content
  }
}

/** Bytes. */
export function lengthOf(part: ByteRange | string): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.end - part.start + 1
}

function withType(fields: readonly string[], type: string): string[] {
  return fields.map((value, index) => (fields[index - 1] === 'Content-Type' ? type : value))
}
