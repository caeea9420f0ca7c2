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
