import type { Problem } from '../pages/problem.ts'

/** This node has no copy of the site that was asked for. */
export function notMirrored(): Problem {
  return {
    status: 404,
    code: 'PLEXNET_NOT_MIRRORED',
    detail: 'This node does not mirror that site.',
    advice: [
      'Ask the publisher for its mirrors: they stand in the List-Mirrors field of its answers.'
    ]
  }
}

/** Statuses by what is wrong; what is wrong with the push itself is 422. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['PLEXNET_NOT_MIRRORED', 404],
  ['PLEXNET_MIRROR_QUOTA', 507],
  ['PLEXNET_MIRROR_DISK', 507],
  ['PLEXNET_MIRROR_PAUSED', 503]
])

const UNPROCESSABLE = 422

/** Why a part of a push was not taken; what was acknowledged before is kept. */
export function pushProblem(code: string, detail: string): Problem {
  const status = STATUSES.get(code) ?? UNPROCESSABLE

  return {
    status,
    code,
    // Where a disk is full is its owner's business.
    detail: code === 'PLEXNET_MIRROR_DISK' ? 'The disk of this mirror is full.' : detail,
    advice: ['What was acknowledged before is kept: the push can go on from there.'],
    ...(status === 503 || status === 507 ? { fields: { 'Retry-After': '300' } } : {})
  }
}

/** RFC 9110 section 15.5.16. */
export function contentUnknown(known: string): Problem {
  return {
    status: 415,
    code: 'PLEXNET_PUSH_TYPE',
    detail: 'A push is a signed site record first, then archives of blocks.',
    advice: [`Send one of: ${known}`],
    fields: { Accept: known }
  }
}
