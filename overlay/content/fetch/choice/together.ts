import type { Weighed } from './weigh.ts'

/** Bytes a ms of a source that needs nobody beside it: 67 Mbit/s, more than any page or film waits for. */
const ENOUGH_RATE: number = (8 << 20) / 1000

/** Others are asked beside the best where all of them together are so much of its rate: for less they are not worth their trouble. */
const WORTHWHILE = 0.5

/** A stranger is clearly farther than the best, of which nothing is known either, by this factor and so many ms. */
const FARTHER = 2
const FARTHER_BY = 10

/** One that is clearly nearer is tried however fast the best is. */
const NEARER = 0.5

/** What becomes of a source: the first is asked, some beside it, some get a block to show what they can, and the rest wait. */
export type Role = 'first' | 'beside' | 'trial' | 'spare'

/**
 * Who is asked at the same time, for sources from `weigh`, best first; `areOthersOfUse` where that was seen. The nearest does all that it can do alone: others join where it is slower than
 * anybody waits for and they would make a difference, or where nobody knows yet whether they are better.
 */
export function rolesOf(weighed: readonly Weighed[], areOthersOfUse?: boolean): Role[] {
  const [best, ...others] = weighed

  if (best == null) return []

  const joined = others.reduce((sum, { evidence }) => sum + (evidence.rate ?? 0), 0)
  const { rate } = best.evidence
  const isHelped = areOthersOfUse ?? joined >= WORTHWHILE * (rate ?? 0)
  const areBeside = rate == null || (rate < ENOUGH_RATE && isHelped)

  return [
    'first',
    ...others.map((other): Role => {
      if (areBeside && other.evidence.rate != null) return 'beside'
      // It may have been slow once, when this machine was busy: nobody is left for good for somebody far away.
      if (other.evidence.rate != null) return isClearlyNearer(other, best) ? 'trial' : 'spare'

      return isWorthTrying(other, best) ? 'trial' : 'spare'
    })
  ]
}

function isClearlyNearer(other: Weighed, best: Weighed): boolean {
  return other.latencyBy !== 'claimed' && other.latency < NEARER * best.latency
}

/** Of whom no rate is known: a trial costs one block, where nobody waits for it. */
function isWorthTrying(other: Weighed, best: Weighed): boolean {
  // What it claims is no reason not to see for oneself.
  const { claimedRoundTrip } = other.evidence
  const latency = other.latencyBy === 'claimed' ? (claimedRoundTrip ?? 0) : other.latency
  const { rate } = best.evidence

  if (rate == null) return latency <= FARTHER * best.latency + FARTHER_BY
  if (rate >= ENOUGH_RATE) return latency < NEARER * best.latency

  return other.latencyBy === 'unknown' || latency < best.time
}
