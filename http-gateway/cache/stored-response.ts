import type { IncomingHttpHeaders } from 'node:http'
import type { Times } from './age.ts'
import { valueOf, type Fields } from './fields.ts'
import { freshnessOf, type Freshness } from './freshness.ts'
import { storedFields } from './storability.ts'
import type { Rule } from './targeted.ts'
import { selectorOf, type Selector } from './vary.ts'

/** Which bytes of the whole a stored body is. */
export interface Part {
  readonly start: number
  readonly size: number
}

/** A response as the cache keeps it. */
export interface StoredResponse {
  readonly status: number
  /** With Date and without Age. */
  readonly fields: Fields
  readonly body: Buffer
  /** Undefined where the body is whole. */
  readonly part: Part | undefined
  readonly isSurrogate: boolean
  readonly selector: Selector
  readonly freshness: Freshness
  readonly etag: string | undefined
  readonly modified: string | undefined
  readonly language: string | undefined
}

/** Undefined where no other request could be told to choose the same response. */
export function storedResponse(
  head: {
    readonly status: number
    readonly fields: Fields
    readonly rule: Rule
    readonly isSurrogate: boolean
  },
  request: IncomingHttpHeaders,
  times: Times
): Omit<StoredResponse, 'body' | 'part'> | undefined {
  const selector = selectorOf(head.fields, request)

  return selector === undefined
    ? undefined
    : {
        selector,
        isSurrogate: head.isSurrogate,
        ...described(head.status, storedFields(head.fields, head.rule), head.rule, times)
      }
}

/** Everything about a response that follows from its head. */
export function described(
  status: number,
  fields: Fields,
  rule: Rule,
  times: Times
): Omit<StoredResponse, 'body' | 'part' | 'selector' | 'isSurrogate'> {
  const dated =
    valueOf(fields, 'date') === undefined
      ? [...fields, 'date', new Date(times.received).toUTCString()]
      : fields

  return {
    status,
    freshness: freshnessOf(status, dated, rule, times),
    fields: withoutAge(dated),
    etag: valueOf(fields, 'etag'),
    modified: valueOf(fields, 'last-modified'),
    language: valueOf(fields, 'content-language')
  }
}

/** A rough size in memory, in bytes: body, fields, and what surrounds them. */
export function sizeOf({ body, fields }: StoredResponse): number {
  return body.length + fields.reduce((sum, text) => sum + text.length, OVERHEAD)
}

// Objects, arrays and map entries of one response, measured at about 1 KiB.
const OVERHEAD = 1024

function withoutAge(fields: Fields): Fields {
  const kept: string[] = []

  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== 'age') {
      kept.push(fields[index] ?? '', fields[index + 1] ?? '')
    }
  }

  return kept
}
