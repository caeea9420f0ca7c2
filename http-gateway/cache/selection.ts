import type { IncomingHttpHeaders } from 'node:http'
import { readRanges } from '../site/range.ts'
import { allowsRange, isKnownToReader } from './conditions.ts'
import { replaced, without, type Fields } from './fields.ts'
import type { StoredResponse } from './stored-response.ts'

/** What of a stored response answers a request. */
export interface Selection {
  readonly status: number
  readonly fields: Fields
  readonly body: Buffer
}

const NOTHING = Buffer.alloc(0)

// RFC 9110 section 15.4.5: what a 304 tells again; Set-Cookie and the like are not for readers who have the rest.
const OF_304 = new Set([
  'cache-control',
  'cdn-cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
  'cache-status'
])

/** The answer to a GET, conditions and ranges of the reader applied; undefined where the stored part has not all the bytes that are asked for. */
export function select(
  stored: StoredResponse,
  headers: IncomingHttpHeaders,
  now: number
): Selection | undefined {
  const { status, fields, body, part } = stored
  const isComplete = part === undefined

  if (isComplete && isKnownToReader(headers, stored, now)) {
    return { status: 304, fields: notModified(fields), body: NOTHING }
  }

  if (
    isComplete &&
    (headers.range === undefined || status !== 200 || !allowsRange(headers, fields))
  ) {
    return { status, fields, body }
  }

  return headers.range === undefined || (!isComplete && !allowsRange(headers, fields))
    ? undefined
    : cut(stored, headers.range)
}

/** The fields of a response that its 304 has too. */
export function notModified(fields: Fields): string[] {
  return without(fields, name => !OF_304.has(name))
}

function cut({ status, fields, body, part }: StoredResponse, range: string): Selection | undefined {
  const { start: from, size } = part ?? { start: 0, size: body.length }
  const ranges = readRanges(range, size)

  if (ranges === 'unsatisfiable') {
    return {
      status: 416,
      fields: replaced(
        without(fields, name => name.startsWith('content-') || name === 'etag'),
        'content-range',
        `bytes */${size}`
      ),
      body: NOTHING
    }
  }

  const [only, ...more] = ranges ?? []

  // A message of several parts is left to the origin, or to a reader who takes the whole (RFC 9110 section 14.2).
  if (only === undefined || more.length > 0) {
    return part === undefined ? { status, fields, body } : undefined
  }

  const { start, end } = only

  if (start < from || end >= from + body.length) {
    return undefined
  }

  return {
    status: 206,
    fields: replaced(
      replaced(fields, 'content-range', `bytes ${start}-${end}/${size}`),
      'content-length',
      String(end - start + 1)
    ),
    body: body.subarray(start - from, end - from + 1)
  }
}
