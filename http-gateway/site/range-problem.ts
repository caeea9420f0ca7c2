import type { Problem } from '../pages/problem.ts'

/** Why `answerFor` sends no part of a document. */
export function rangeProblem(status: 412 | 416, [name, value]: readonly string[]): Problem {
  return status === 412
    ? {
        status,
        code: 'PLEXNET_PRECONDITION_FAILED',
        detail: 'The document is not in the state that the request requires.',
        advice: ['Fetch the document again and start from its present state.']
      }
    : {
        status,
        code: 'PLEXNET_RANGE_NOT_SATISFIABLE',
        detail: 'The document has no bytes in the range that was asked for.',
        advice: ['Ask for its size with HEAD, or for the whole document.'],
        fields: { [name ?? '']: value ?? '' }
      }
}
