import type { Outcome, Scenario } from './scenario.ts'
import { estimate, type Estimate } from './statistics.ts'

/** A point of a line: the mean over the seeds and its 95 % interval. */
export interface Point {
  readonly x: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
}

/** What the seeds say together. */
export interface Summary {
  readonly seeds: number
  readonly figures: Readonly<Record<string, Estimate>>
  readonly charts: Readonly<Record<string, readonly Line[]>>
}

/** Figures and lines over all seeds; a figure that a seed could not tell (NaN) is left out for it. */
export function summarize(scenario: Scenario, outcomes: readonly Outcome[]): Summary {
  return {
    seeds: outcomes.length,
    figures: Object.fromEntries(
      Object.keys(scenario.figures).flatMap(name => {
        const values = outcomes
          .map(({ figures }) => figures[name] ?? Number.NaN)
          .filter(value => Number.isFinite(value))

        return values.length === 0 ? [] : [[name, estimate(values)] as const]
      })
    ),
    charts: Object.fromEntries(
      Object.keys(scenario.charts).map(name => [name, linesOf(name, outcomes)] as const)
    )
  }
}

function linesOf(chart: string, outcomes: readonly Outcome[]): Line[] {
  const names = new Set(outcomes.flatMap(({ lines }) => Object.keys(lines[chart] ?? {})))

  return [...names].map(name => ({
    name,
    points: pointsOf(outcomes.flatMap(({ lines }) => lines[chart]?.[name] ?? []))
  }))
}

function pointsOf(points: readonly (readonly [x: number, y: number])[]): Point[] {
  const byX = new Map<number, number[]>()

  for (const [x, y] of points) {
    if (!Number.isFinite(y)) continue
    byX.set(x, [...(byX.get(x) ?? []), y])
  }

  return [...byX]
    .toSorted(([a], [b]) => a - b)
    .map(([x, values]) => {
      const { mean, interval } = estimate(values)

      return { x, mean, low: mean - interval, high: mean + interval }
    })
}
