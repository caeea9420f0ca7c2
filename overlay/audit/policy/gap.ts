/** Mean time between two audits of a mirror of one's own site, in ms. */
export const MEAN_GAP = 10 * 60 * 1000

/** Mean time between two audits of another mirror of a site that is mirrored here: mirrors look at each other a little. */
export const MEAN_GAP_OF_OTHERS = 60 * 60 * 1000

/** A mirror that has passed so many audits is asked half as often, and one that has passed three times as many a quarter; never less. */
const PROVEN = 100
const LEAST_SHARE = 1 / 4

/** How much sooner a mirror is looked at again that has failed and is not dropped. */
const DOUBTED = 4

/** What audits have shown of a mirror so far. */
export interface Course {
  /** Audits that it passed. */
  readonly passed: number
  /** Those in a row that it has not passed. */
  readonly strikes: number
}

/**
 * Mean time until a mirror is audited again, in ms, of `mean` for one that is new. Gaps are drawn from the exponential
 * distribution of this mean, so that an audit that was recognised says nothing about when the next one comes.
 */
export function gapAfter(mean: number, { passed, strikes }: Course): number {
  return strikes > 0 ? mean / DOUBTED : mean / Math.max(LEAST_SHARE, PROVEN / (PROVEN + passed))
}
