import type { IncomingHttpHeaders } from 'node:http'

/** What identifies the present state of a document. */
export interface Validators {
  /** A strong entity tag with its quotes. */
  readonly etag: string
  /** Whole seconds since the epoch. */
  readonly modified: number
}

export type Verdict = 'send' | 'not-modified' | 'precondition-failed'

/** Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 section 13.2.2, steps 1 to 4. */
export function checkPreconditions(headers: IncomingHttpHeaders, current: Validators): Verdict {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']

  if (ifMatch !== undefined) {
    if (!listsTag(ifMatch, current.etag, 'strong')) {
      return 'precondition-failed'
    }
  } else if (isBefore(headers['if-unmodified-since'], current.modified)) {
    return 'precondition-failed'
  }

  if (ifNoneMatch !== undefined) {
    return listsTag(ifNoneMatch, current.etag, 'weak') ? 'not-modified' : 'send'
  }

  const since = readDate(headers['if-modified-since'])

  return since !== undefined && current.modified <= since ? 'not-modified' : 'send'
}

/** Whether PUT or DELETE may change a document, undefined for one that does not exist; in the same order. */
export function allowsChange(
  headers: IncomingHttpHeaders,
  current: Validators | undefined
): boolean {
  if (current === undefined) {
    return headers['if-match'] === undefined
  }

  return (
    checkPreconditions(
      {
        'if-match': withoutCodings(headers['if-match']),
        'if-none-match': withoutCodings(headers['if-none-match']),
        'if-unmodified-since': headers['if-unmodified-since']
      },
      current
    ) === 'send'
  )
}

/** Whoever has read a coded document knows it by the tag of its coding. */
function withoutCodings(field: string | undefined): string | undefined {
  return field?.replaceAll(/-(?:br|zstd|gzip)"/g, '"')
}

/** Step 5: whether a Range may be answered with a part. */
export function allowsRange(ifRange: string | undefined, current: Validators): boolean {
  if (ifRange === undefined) {
    return true
  }

  // RFC 9110 section 13.1.5: a tag is compared strongly, a date must be the same.
  return ifRange.includes('"') ? ifRange === current.etag : readDate(ifRange) === current.modified
}

function isBefore(field: string | undefined, modified: number): boolean {
  const date = readDate(field)

  return date !== undefined && modified > date
}

function listsTag(field: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (field.trim() === '*') {
    return true
  }

  // A tag may contain commas (RFC 9110 section 8.8.3), so the list is not split.
  return [...field.matchAll(/(W\/)?("[^"]*")/g)].some(
    ([, weak, tag]) => tag === etag && (comparison === 'weak' || weak === undefined)
  )
}

// IMF-fixdate and the two obsolete forms (RFC 9110 section 5.6.7); Date.parse takes much more.
const DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/

function readDate(field: string | undefined): number | undefined {
  if (field === undefined || !DATE.test(field)) {
    return undefined
  }

  const parsed = Date.parse(field.endsWith('GMT') ? field : `${field} GMT`)

  return Number.isNaN(parsed) ? undefined : parsed / 1000
}
