import type { IncomingHttpHeaders } from 'node:http'
import { parseDirectives, secondsOf } from './directives.ts'

/** What a request says about stored responses (RFC 9111 section 5.2.1); in seconds. */
export interface Wishes {
  readonly noCache: boolean
  readonly noStore: boolean
  readonly onlyIfCached: boolean
  readonly maxAge: number
  readonly minFresh: number
  readonly maxStale: number
  readonly staleIfError: number
}

const NO_WISHES: Wishes = {
  noCache: false,
  noStore: false,
  onlyIfCached: false,
  maxAge: Infinity,
  minFresh: 0,
  maxStale: 0,
  staleIfError: 0
}

export function wishesOf(headers: IncomingHttpHeaders): Wishes {
  const field = headers['cache-control']

  if (field === undefined) {
    // RFC 9111 section 5.4
    return headers.pragma !== undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(headers.pragma)
      ? { ...NO_WISHES, noCache: true }
      : NO_WISHES
  }

  const directives = parseDirectives(field)

  return {
    noCache: directives.has('no-cache'),
    noStore: directives.has('no-store'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: secondsOf(directives, 'max-age') ?? Infinity,
    minFresh: secondsOf(directives, 'min-fresh') ?? 0,
    maxStale:
      directives.has('max-stale') && directives.get('max-stale') === undefined
        ? Infinity
        : (secondsOf(directives, 'max-stale') ?? 0),
    staleIfError: secondsOf(directives, 'stale-if-error') ?? 0
  }
}
