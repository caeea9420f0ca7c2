import type { Standing } from './standing.ts'

/** How many times as seldom other mirrors of a site that is mirrored here are asked: each looks at the others a little. */
export const OTHERS_SELDOMER = 6

/** A mirror that has passed so many audits is asked half as often, and one that has passed three times as many a quarter; never less. */
const PROVEN = 100
const LEAST_SHARE = 1 / 4

/** How much sooner a mirror is looked at again that has failed and is not dropped. */
const DOUBTED = 4

/** Mean time until a mirror that was dropped is looked at again, in ms: it may have been away. */
const GAP_OF_DROPPED = 24 * 60 * 60 * 1000

/**
 * Mean time until a mirror is audited again, in ms, of `mean` for one that is new. Gaps are drawn from the exponential
 * distribution of this mean, so that an audit that was recognised says nothing about when the next one comes.
 */
export function gapAfter(mean: number, { state, passed, strikers }: Standing): number {
  if (state === 'dropped') return Math.max(mean, GAP_OF_DROPPED)

  return strikers.length > 0
    ? mean / DOUBTED
    : mean / Math.max(LEAST_SHARE, PROVEN / (PROVEN + passed))
}
