/** First and last byte, both within the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

const SINGLE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The part of a file of `size` bytes that a Range field asks for (RFC 9110 section 14); undefined where the whole file is to be sent,
 * which is allowed for any field and done for several ranges and for what cannot be read.
 */
export function readRange(field: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = SINGLE.exec(field)

  if (match === null) {
    return undefined
  }

  const [, first = '', last = ''] = match

  if (first === '') {
    return last === '' ? undefined : suffix(Number(last), size)
  }

  const start = Number(first)
  const end = last === '' ? Infinity : Number(last)

  if (end < start) {
    return undefined
  }

  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) }
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  return length === 0 || size === 0
    ? 'unsatisfiable'
    : { start: Math.max(0, size - length), end: size - 1 }
}
