import { AmbiguousNameError, NameNotFoundError } from '../../discovery/index.ts'
import { formatLabel, InvalidNameError, parseAddress } from '../../identity/index.ts'
import type { Problem } from '../pages/problem.ts'
import { internalError } from '../pages/request-problems.ts'

/** Why a name leads nowhere; `locate` gives the same document at another node, by its label. */
export function nameProblem(error: unknown, locate: (label: string) => string): Problem {
  if (error instanceof NameNotFoundError) {
    return {
      status: 404,
      code: error.code,
      detail: error.message,
      advice: [
        'Check the name for typing errors.',
        'Ask whoever gave it to you for the full address, and name it yourself: plexnet name add <name> <address>'
      ]
    }
  }

  if (error instanceof InvalidNameError) {
    return {
      status: 400,
      code: error.code,
      detail: error.message,
      advice: [
        'A name is one of yours, or a way through friends: blog.alice is what alice calls blog.'
      ]
    }
  }

  if (error instanceof AmbiguousNameError) {
    return {
      status: 300,
      code: error.code,
      detail: error.message,
      advice: [
        'Follow the link to the one that you mean, if you know.',
        'Give it a name of your own, which then comes first: plexnet name add <name> <address>'
      ],
      alternatives: error.meanings.map(({ address, by }) => ({
        href: locate(formatLabel(parseAddress(address))),
        label: address,
        fingerprint: `so called by ${by.join(' and ')}`
      }))
    }
  }

  return internalError()
}
