import type { NodeRecord } from './record.ts'

/** A record younger than this is used without asking, in ms. */
export const FRESH_FOR = 10 * 60 * 1000

/** From this age on a used record is looked up again beside the answer, in ms. */
export const REFRESH_AFTER = 8 * 60 * 1000

/** How long past its expiry a record still serves a node that has no network, in ms. */
export const STALE_FOR = 30 * 24 * 60 * 60 * 1000

export type Freshness = 'fresh' | 'refresh-ahead' | 'outdated' | 'stale-only' | 'dead'

/** What a record learnt at `learnt` is good for at `now` (both ms since the epoch). */
export function freshnessOf(record: NodeRecord, learnt: number, now: number): Freshness {
  if (now >= record.expires + STALE_FOR) return 'dead'
  if (now >= record.expires) return 'stale-only'

  // A clock set back makes ages negative; such a record is asked for again.
  const age = now - learnt

  if (age < 0 || age >= FRESH_FOR) return 'outdated'

  return age >= REFRESH_AFTER ? 'refresh-ahead' : 'fresh'
}
