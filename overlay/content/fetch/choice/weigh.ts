import type { Evidence } from './evidence.ts'

/** Sources are compared by what they need for so many bytes: a block as our trees have them. */
export const REFERENCE_BYTES: number = 256 << 10

/** How long a request to somebody of whom nothing is known takes until its first byte, in ms. */
const UNKNOWN_LATENCY = 300

/** What somebody sends of whom that is not known, in bytes a ms: 4 Mbit/s, so that whoever was measured comes first unless it is slow indeed. */
const UNKNOWN_RATE = 500

/** Rates from this part of the best on count as equal: such differences are those of the reader's line and of the moment, and nearness decides. */
const ALIKE = 0.75

/** What is only claimed counts for so much more than what was measured. */
const CLAIM_DOUBT = 1.25

/** Each level of trust makes a source seem so much quicker: between equals friends are asked. */
const TRUST_SHARE = 0.05

/** Each lie in another site makes it seem so many times slower, up to a bound: who was out of date once is not lost. */
const LIE_WEIGHT = 4
const MOST_LIES = 5

export type LatencyOrigin = 'requests' | 'measured' | 'claimed' | 'unknown'

/** A source with what is expected of it. */
export interface Weighed {
  readonly evidence: Evidence
  /** Until the first byte, in ms. */
  readonly latency: number
  readonly latencyBy: LatencyOrigin
  /** For the reference block, in ms. */
  readonly time: number
  /** The same without differences that mean nothing, made dearer by failures and lies and cheaper by trust: the lowest is asked first. */
  readonly cost: number
}

/**
 * The order in which sources are asked, the best first; equals stay as they are given. A claim of nearness counts for no more than the nearest that
 * was measured: whoever lies about its place comes before nobody who is known.
 */
export function weigh(sources: readonly Evidence[]): Weighed[] {
  const nearest = Math.min(
    ...sources.flatMap(({ latency, roundTrip }) => latency ?? roundTrip ?? [])
  )

  const most = ALIKE * Math.max(0, ...sources.map(({ rate }) => rate ?? 0))

  return sources
    .map(evidence => weighOne(evidence, nearest === Infinity ? 0 : nearest, most))
    .toSorted((a, b) => a.cost - b.cost)
}

function weighOne(evidence: Evidence, nearest: number, most: number): Weighed {
  const { rate, reliability, lies, trust = 0 } = evidence
  const [latency, latencyBy] = latencyOf(evidence, nearest)
  const time = latency + REFERENCE_BYTES / (rate ?? UNKNOWN_RATE)
  const compared = latency + REFERENCE_BYTES / (rate == null ? UNKNOWN_RATE : Math.min(rate, most))
  const blame = 1 + LIE_WEIGHT * Math.min(MOST_LIES, lies)

  return {
    evidence,
    latency,
    latencyBy,
    time,
    // Whoever fails half of the time has to be asked twice.
    cost: (compared / reliability) * blame * (1 - TRUST_SHARE * trust)
  }
}

function latencyOf(
  { latency, roundTrip, claimedRoundTrip }: Evidence,
  nearest: number
): [number, LatencyOrigin] {
  if (latency != null) return [latency, 'requests']
  if (roundTrip != null) return [roundTrip, 'measured']
  if (claimedRoundTrip != null)
    return [CLAIM_DOUBT * Math.max(claimedRoundTrip, nearest), 'claimed']

  return [UNKNOWN_LATENCY, 'unknown']
}
