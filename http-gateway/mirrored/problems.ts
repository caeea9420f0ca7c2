import type { Problem } from '../pages/problem.ts'

/** A block of a copy is not any more what it was; it is fetched again. */
export function copyDamaged(): Problem {
  return {
    status: 503,
    code: 'PLEXNET_COPY_DAMAGED',
    detail:
      'A part of the copy of this site that is kept here is damaged, so nothing of this document is sent.',
    advice: [
      'Try again in some minutes, when it has been fetched anew.',
      'Open the site by its own address: other copies serve it.'
    ],
    fields: { 'Retry-After': '60' }
  }
}
