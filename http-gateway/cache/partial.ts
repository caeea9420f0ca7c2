import { strongTag } from './conditions.ts'
import { replaced, valueOf, without, type Fields } from './fields.ts'
import type { Part, StoredResponse } from './stored-response.ts'

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/

/** Which bytes the body of a 206 is; undefined where its fields do not tell, or not truly. */
export function partOf(fields: Fields, length: number): Part | undefined {
  const [, first, last, total] = CONTENT_RANGE.exec(valueOf(fields, 'content-range') ?? '') ?? []
  const [start, end, size] = [Number(first), Number(last), Number(total)]

  return start <= end && end < size && end - start + 1 === length ? { start, size } : undefined
}

/** How many bytes the body of a response will have; undefined where its head does not tell. */
export function lengthOf(status: number, fields: Fields): number | undefined {
  const length = valueOf(fields, 'content-length')

  return status === 204
    ? 0
    : length !== undefined && /^\d+$/.test(length)
      ? Number(length)
      : undefined
}

/** A response whose length was not known before its end. */
export function withLength<R extends { readonly status: number; readonly fields: Fields }>(
  response: R,
  body: Buffer
): R {
  return response.status === 204 || valueOf(response.fields, 'content-length') !== undefined
    ? response
    : { ...response, fields: [...response.fields, 'content-length', String(body.length)] }
}

/** Two parts of one representation as a longer one (RFC 9111 section 3.4), with the fields of the newer; undefined where they have no strong tag in common or do not adjoin. */
export function combined(
  before: StoredResponse,
  newer: StoredResponse
): StoredResponse | undefined {
  const [one, other] = [extentOf(before), extentOf(newer)]
  const tag = strongTag(newer.fields)

  if (
    tag === undefined ||
    tag !== before.etag ||
    one.size !== other.size ||
    one.start > other.end ||
    other.start > one.end
  ) {
    return undefined
  }

  const start = Math.min(one.start, other.start)
  const body = Buffer.concat([
    before.body.subarray(0, Math.max(0, other.start - one.start)),
    newer.body,
    before.body.subarray(Math.min(before.body.length, Math.max(0, other.end - one.start)))
  ])

  return whole({ ...newer, body, part: { start, size: one.size } })
}

/** What has all its bytes is an ordinary response. */
function whole(response: StoredResponse): StoredResponse {
  const { part, body, fields } = response

  return part === undefined || body.length !== part.size
    ? response
    : {
        ...response,
        status: 200,
        part: undefined,
        fields: replaced(
          without(fields, name => name === 'content-range'),
          'content-length',
          String(body.length)
        )
      }
}

function extentOf({ body, part }: StoredResponse): { start: number; end: number; size: number } {
  const { start, size } = part ?? { start: 0, size: body.length }

  return { start, end: start + body.length, size }
}
