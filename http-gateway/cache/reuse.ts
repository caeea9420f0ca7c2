import { ageOf, type Freshness } from './freshness.ts'
import type { Wishes } from './request-directives.ts'

/** `behind`: use it, and ask the origin meanwhile; `ask`: ask first. */
export type Reuse = 'use' | 'behind' | 'ask'

// A stored response is shown while its origin cannot be reached for no longer than this many seconds after it became stale.
const OFFLINE = 7 * 24 * 60 * 60

/** Whether a stored response answers a request (RFC 9111 section 4.2, RFC 5861 section 3). */
export function judgeReuse(freshness: Freshness, wishes: Wishes, now: number): Reuse {
  if (freshness.mustAsk || wishes.noCache) {
    return 'ask'
  }

  const age = ageOf(freshness, now)
  const left = freshness.lifetime - age

  // RFC 8246: a reader who reloads an immutable document has nothing to gain from it.
  if (age > wishes.maxAge && !(freshness.isImmutable && wishes.maxAge === 0 && left > 0)) {
    return 'ask'
  }

  if (left > wishes.minFresh || (left > 0 && wishes.minFresh === 0)) {
    return 'use'
  }

  if (freshness.mustNotBeStale || wishes.minFresh > 0) {
    return 'ask'
  }

  if (-left <= wishes.maxStale && wishes.maxStale > 0) {
    return 'use'
  }

  return -left < freshness.staleWhileRevalidate ? 'behind' : 'ask'
}

/** Whether a stored response stands in for an origin that answers with an error (RFC 5861 section 4). */
export function mayReplaceError(freshness: Freshness, wishes: Wishes, now: number): boolean {
  const stale = ageOf(freshness, now) - freshness.lifetime

  return (
    !freshness.mustNotBeStale &&
    !wishes.noCache &&
    stale <= Math.max(freshness.staleIfError, wishes.staleIfError)
  )
}

/** Whether a stored response stands in for an origin that cannot be reached (RFC 9111 section 4.2.4). */
export function mayReplaceSilence(freshness: Freshness, wishes: Wishes, now: number): boolean {
  const stale = ageOf(freshness, now) - freshness.lifetime

  return (
    !freshness.mustNotBeStale &&
    !wishes.noCache &&
    stale <= Math.max(OFFLINE, freshness.staleIfError, wishes.staleIfError)
  )
}
