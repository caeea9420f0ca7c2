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

/** More come than this node can send to; `places` are where the same document is, `map` the fields that tell of them. */
export function crowded(
  places: readonly string[],
  retryAfter: number,
  map: readonly string[]
): Problem {
  const seconds = secondsOf(retryAfter)
  const fields: Record<string, string> = { 'Retry-After': String(seconds) }

  for (let index = 0; index < map.length; index += 2)
    fields[map[index] ?? ''] = map[index + 1] ?? ''

  return {
    status: 503,
    code: 'PLEXNET_BUSY',
    detail:
      'More people want to read this now than this node can send to.' +
      (places.length === 0 ? '' : ' Other nodes have the same document.'),
    advice: [
      `Try again in ${seconds} s.`,
      'Run a Plexnet node of your own and open the address there: it finds the copies by itself, and checks every byte.'
    ],
    ...(places.length > 0 && { elsewhere: places }),
    fields
  }
}

/** Whole seconds, none of them zero (RFC 9110 section 10.2.3). */
function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / MS_PER_SECOND))
}
