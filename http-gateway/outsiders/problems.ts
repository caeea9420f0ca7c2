import type { Problem } from '../pages/problem.ts'

const MS_PER_SECOND = 1000

/** One client asks for more than its part (RFC 6585 section 4). */
export function tooManyOfOne(source: string, retryAfter: number): Problem {
  const seconds = secondsOf(retryAfter)

  return {
    status: 429,
    code: 'PLEXNET_TOO_MANY_REQUESTS',
    detail: `There are more requests from ${source} than this node answers for one client.`,
    advice: [
      `Try again in ${seconds} s, with fewer requests at a time.`,
      'The owner of this node can raise limits.source_requests and limits.source_rate, or trust your node.'
    ],
    fields: { 'Retry-After': String(seconds) }
  }
}

/** All clients together ask for more than this node has to give. */
export function tooManyOfAll(retryAfter: number): Problem {
  const seconds = secondsOf(retryAfter)

  return {
    status: 503,
    code: 'PLEXNET_BUSY',
    detail: 'There are more requests than this node can answer now.',
    advice: [
      `Try again in ${seconds} s.`,
      'The owner of this node can raise limits.outsider_requests and limits.outsider_rate.'
    ],
    fields: { 'Retry-After': String(seconds) }
  }
}

/** Whole seconds, none of them zero (RFC 9110 section 10.2.3). */
export function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / MS_PER_SECOND))
}
