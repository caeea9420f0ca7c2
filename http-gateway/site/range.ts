/** First and last byte, both within the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

// RFC 9110 section 17.15: more small parts than a reader has use for cost the server more than the whole.
const MAX_RANGES = 64

const UNIT = /^bytes=(.*)$/i
const RANGE = /^(\d*)-(\d*)$/
const BLANKS = /^[ \t]+|[ \t]+$/g

/**
 * The parts of a file of `size` bytes that a Range field asks for (RFC 9110 section 14), one at least; undefined where the whole file is to
 * be sent, which is allowed for any field and done for too many ranges and for what cannot be read.
 */
export function readRanges(
  field: string,
  size: number
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const [, list] = UNIT.exec(field) ?? []
  const specs = list
    ?.split(',', MAX_RANGES + 1)
    .map(spec => spec.replace(BLANKS, ''))
    .filter(spec => spec !== '')

  if (specs === undefined || specs.length === 0 || specs.length > MAX_RANGES) {
    return undefined
  }

  const ranges: ByteRange[] = []

  for (const spec of specs) {
    const range = readRange(spec, size)

    if (range === undefined) {
      return undefined
    }

    if (range !== 'unsatisfiable') {
      ranges.push(range)
    }
  }

  return ranges.length === 0 ? 'unsatisfiable' : coalesced(ranges)
}

function readRange(spec: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = RANGE.exec(spec)

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

/** In the order of the request, unless some overlap or adjoin: then no byte is sent twice. */
function coalesced(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = []

  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)

    if (last !== undefined && range.start <= last.end + 1) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) }
    } else {
      merged.push(range)
    }
  }

  return merged.length === ranges.length ? ranges : merged
}
