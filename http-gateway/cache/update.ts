import type { Times } from './age.ts'
import { strongTag } from './conditions.ts'
import { valueOf, without, type Fields } from './fields.ts'
import { described, type StoredResponse } from './stored-response.ts'
import { ruleOf } from './targeted.ts'

// What describes the stored bytes stays with them (RFC 9111 section 3.2).
const OF_BODY = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'content-md5',
  'etag'
])

/** The stored response with the fields of a 304 that confirmed it (RFC 9111 section 4.3.4); undefined where the 304 is for another one. */
export function confirmed(
  stored: StoredResponse,
  fields: Fields,
  times: Times
): StoredResponse | undefined {
  const tag = strongTag(fields)

  return tag !== undefined && tag !== stored.etag ? undefined : renewed(stored, fields, times)
}

/** The stored response with the fields of the answer to a HEAD, undefined where that shows that it has changed (RFC 9111 section 4.3.5). */
export function afterHead(
  stored: StoredResponse,
  status: number,
  fields: Fields,
  times: Times
): StoredResponse | undefined {
  const size = stored.part?.size ?? stored.body.length
  const length = valueOf(fields, 'content-length')

  return status === stored.status &&
    isSame(stored.etag, valueOf(fields, 'etag')) &&
    isSame(stored.modified, valueOf(fields, 'last-modified')) &&
    (length === undefined || length === String(size))
    ? renewed(stored, fields, times)
    : undefined
}

function isSame(before: string | undefined, now: string | undefined): boolean {
  return now === undefined || now === before
}

function renewed(stored: StoredResponse, fields: Fields, times: Times): StoredResponse {
  const names = new Set(fields.filter((_, index) => index % 2 === 0))
  const kept = without(stored.fields, name => names.has(name) && !OF_BODY.has(name))
  const merged = [...kept, ...without(fields, name => OF_BODY.has(name))]

  // Without Date the answer was made just now.
  const dated = names.has('date')
    ? merged
    : [...without(merged, name => name === 'date'), 'date', new Date(times.received).toUTCString()]

  return { ...stored, ...described(stored.status, dated, ruleOf(dated, stored.isSurrogate), times) }
}
