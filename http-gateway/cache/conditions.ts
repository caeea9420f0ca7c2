import type { IncomingHttpHeaders } from 'node:http'
import { parseDate } from './dates.ts'
import { valueOf, type Fields } from './fields.ts'
import { splitList } from './directives.ts'

/** Preconditions that only the origin can judge (RFC 9111 section 4.3.2). */
export function isForOrigin(headers: IncomingHttpHeaders): boolean {
  return headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined
}

/** Whether the reader has this response already (RFC 9110 sections 13.1.2 and 13.1.3). */
export function isKnownToReader(
  headers: IncomingHttpHeaders,
  { status, fields }: { readonly status: number; readonly fields: Fields },
  now: number
): boolean {
  const tags = headers['if-none-match']

  // RFC 9110 section 13.2.1: preconditions concern only what would be a success.
  if (status < 200 || status > 299) {
    return false
  }

  if (tags !== undefined) {
    return lists(tags, valueOf(fields, 'etag'))
  }

  const since = parseDate(headers['if-modified-since'], now)

  if (since === undefined) {
    return false
  }

  const modified = parseDate(valueOf(fields, 'last-modified') ?? valueOf(fields, 'date'), now)

  return modified !== undefined && modified <= since
}

/** Whether a Range may be answered with parts of this response (RFC 9110 section 13.1.5): tags are compared strongly, dates must be the same. */
export function allowsRange(headers: IncomingHttpHeaders, fields: Fields): boolean {
  const condition = headers['if-range']

  return (
    condition === undefined ||
    (condition.includes('"')
      ? condition === strongTag(fields)
      : condition === valueOf(fields, 'last-modified'))
  )
}

/** An entity tag that stands for the very bytes. */
export function strongTag(fields: Fields): string | undefined {
  const etag = valueOf(fields, 'etag')

  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined
}

function lists(field: string, etag: string | undefined): boolean {
  return (
    field.trim() === '*' ||
    (etag !== undefined && splitList(field).some(tag => opaque(tag) === opaque(etag)))
  )
}

/** For the weak comparison of RFC 9110 section 8.8.3.2. */
function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
