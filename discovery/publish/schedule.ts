/**
 * A record put early reaches the few who are there: after the first announcements the next ones come
 * so soon, in ms, and from then on at the configured interval.
 */
const EARLY = [5000, 30_000, 300_000]

/** How soon an announcement that nobody took is made again, in ms. */
const RETRY = 10_000

export interface Announcement {
  /** In ms from now. */
  readonly delay: number
  /** The record is signed anew before it is put: only then does it last longer. */
  readonly renew: boolean
}

/** When the record is announced next, after `announced` successes; `interval` in ms. */
export function nextAnnouncement(
  announced: number,
  interval: number,
  lastFailed = false
): Announcement {
  const early = lastFailed ? RETRY : EARLY[announced - 1]

  return early == null || early >= interval
    ? { delay: interval, renew: true }
    : { delay: early, renew: false }
}
