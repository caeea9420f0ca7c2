import { ManifestError } from './errors.ts'
import type { Estimate } from './statistics.ts'

/** Half widths of 95 % intervals are about so many standard errors. */
const NORMAL = 1.96

export interface StoredSummary {
  readonly scenario: string
  readonly figures: Readonly<Record<string, Estimate>>
}

export interface Comparison {
  readonly figure: string
  readonly one: Estimate
  readonly other: Estimate
  readonly difference: number
  /** Half the width of the 95 % interval of the difference. */
  readonly interval: number
  /** Whether chance alone hardly makes such a difference. */
  readonly isClear: boolean
}

/** The figures that both summaries have. @throws ManifestError where they are of different scenarios */
export function compareSummaries(one: StoredSummary, other: StoredSummary): Comparison[] {
  if (one.scenario !== other.scenario) {
    throw new ManifestError(
      `these are results of two scenarios, ${one.scenario} and ${other.scenario}`
    )
  }

  return Object.entries(one.figures).flatMap(([figure, first]) => {
    const second = other.figures[figure]

    return second == null ? [] : [compare(figure, first, second)]
  })
}

function compare(figure: string, one: Estimate, other: Estimate): Comparison {
  const difference = other.mean - one.mean
  const error = Math.hypot(one.interval / NORMAL, other.interval / NORMAL)
  const hasIntervals = one.count > 1 && other.count > 1

  return {
    figure,
    one,
    other,
    difference,
    interval: NORMAL * error,
    isClear: hasIntervals && Math.abs(difference) > NORMAL * error
  }
}
