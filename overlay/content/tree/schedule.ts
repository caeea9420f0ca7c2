/** How long nothing may have happened before the folder is looked at, in ms: an editor writes, renames and removes. */
const QUIET = 60

/** In ms: while thousands of files come, those that are there are published. */
const MAX_WAIT = 2000

/** How soon files that were changing are looked at again, in ms, and how long at most. */
const FIRST_RETRY = 100
const MAX_RETRY = 5000

/** How soon a run that failed is tried again, in ms, and how long at most. */
const FIRST_REPEAT = 1000
const MAX_REPEAT = 60_000

/** In how many ms to look at changes of which the first and the last came then, all in ms since the epoch. */
export function delayOfRun(first: number, last: number, now: number): number {
  return Math.max(0, Math.min(last + QUIET, first + MAX_WAIT) - now)
}

/** In how many ms to look at files again that were changing `times` times on end. */
export function delayOfRetry(times: number): number {
  return Math.min(MAX_RETRY, FIRST_RETRY * 2 ** (times - 1))
}

/** In how many ms to repeat a run after `times` failures on end. */
export function delayOfRepeat(times: number): number {
  return Math.min(MAX_REPEAT, FIRST_REPEAT * 2 ** (times - 1))
}
