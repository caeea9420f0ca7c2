import type { IncomingHttpHeaders } from 'node:http'
import { valueOf, without, type Fields } from './fields.ts'
import { ageOf } from './freshness.ts'
import { select, type Selection } from './selection.ts'
import type { StoredResponse } from './stored-response.ts'

export interface Asked {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** ms since the epoch */
  readonly now: number
  /** The member of Cache-Status for this answer. */
  readonly status: string
  /** The origin has just been asked. */
  readonly isConfirmed: boolean
}

const NOTHING = Buffer.alloc(0)

/** The answer that a stored response gives to a request (RFC 9111 section 4); undefined where it has not all that is asked for. */
export function answerFrom(stored: StoredResponse, asked: Asked): Selection | undefined {
  const { method, headers, now, status, isConfirmed } = asked
  const { freshness } = stored
  // RFC 9110 section 14.2: a Range counts for GET alone.
  const selection = select(stored, method === 'GET' ? headers : withoutRange(headers), now)

  if (selection === undefined) {
    return undefined
  }

  const { notReused } = freshness
  const fields =
    notReused === undefined || isConfirmed
      ? selection.fields
      : without(selection.fields, name => notReused.includes(name))

  return {
    status: selection.status,
    fields: withStatus([...fields, 'age', String(Math.trunc(ageOf(freshness, now)))], status),
    body: method === 'HEAD' ? NOTHING : selection.body
  }
}

/** Caches behind this one have spoken before it (RFC 9211 section 2). */
export function withStatus(fields: Fields, status: string): string[] {
  const before = valueOf(fields, 'cache-status')

  return before === undefined
    ? [...fields, 'cache-status', status]
    : [...without(fields, name => name === 'cache-status'), 'cache-status', `${before}, ${status}`]
}

function withoutRange(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers.range === undefined ? headers : { ...headers, range: undefined }
}
