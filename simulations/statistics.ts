import {
  linearRegression,
  linearRegressionLine,
  mean,
  rSquared,
  sampleStandardDeviation
} from 'simple-statistics'

/** Two-sided 95 % points of Student's t by degrees of freedom, from 1 on. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042
]

/** Beyond the table the point is this close to 1.96 + 2.4 / freedom to three digits. */
const NORMAL = 1.96
const TAIL = 2.4

export interface Estimate {
  readonly mean: number
  /** Half the width of the 95 % interval of the mean; 0 for one value. */
  readonly interval: number
  readonly least: number
  readonly most: number
  readonly count: number
}

/** The mean of independent values, one a seed, and how sure it is. */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length
  const error = count < 2 ? 0 : sampleStandardDeviation([...values]) / Math.sqrt(count)

  return {
    mean: mean([...values]),
    interval: error === 0 ? 0 : error * studentPoint(count - 1),
    least: Math.min(...values),
    most: Math.max(...values),
    count
  }
}

/** The smallest value that a share of them do not exceed; NaN where there are none. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const { length } = ascending

  return length === 0
    ? Number.NaN
    : ascending[Math.min(length - 1, Math.max(0, Math.ceil(share * length) - 1))]!
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : mean([...values])
}

export interface Fit {
  readonly slope: number
  readonly intercept: number
  /** The share of the variance that the line explains. */
  readonly rSquared: number
}

/** The straight line of least squares. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Fit {
  const pairs = points.map(([x, y]) => [x, y])
  const { m: slope, b: intercept } = linearRegression(pairs)

  return {
    slope,
    intercept,
    rSquared: rSquared(pairs, linearRegressionLine({ m: slope, b: intercept }))
  }
}

function studentPoint(freedom: number): number {
  return STUDENT[freedom - 1] ?? NORMAL + TAIL / freedom
}
