const FIRST_DELAY = 1000
const LONGEST_DELAY = 5 * 60 * 1000

/**
 * How long to wait before attempt number `attempt` (from 1), in ms: exponential with full jitter between
 * half and all of it, so that nodes that lost one seed do not come back in step. `random` is in [0, 1).
 */
export function backoffDelay(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(attempt - 1, 20))

  return Math.round(ceiling * (0.5 + random / 2))
}
