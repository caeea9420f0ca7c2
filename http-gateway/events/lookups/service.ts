import { errorCode, formatAddress } from '../../../identity/index.ts'
import type { Resolve } from '../../upstream/service.ts'
import type { Events } from '../service.ts'

/** Looks nodes up, and tells how that went. */
export function observeLookups(resolve: Resolve, events: Events): Resolve {
  return async (address, options) => {
    if (!events.wants('lookup')) {
      return resolve(address, options)
    }

    const begun = performance.now()
    const tell = (outcome: string, isFound: boolean): void => {
      const milliseconds = performance.now() - begun

      events.tell('lookup', { address: formatAddress(address), milliseconds, outcome, isFound })
    }

    try {
      const resolution = await resolve(address, options)

      tell(resolution.source, true)

      return resolution
    } catch (error) {
      tell(codeOf(error), false)

      throw error
    }
  }
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? 'unknown'
}
