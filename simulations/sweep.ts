import { SECOND } from './engine/ticks.ts'
import type { Unit } from './engine/units.ts'
import { ParameterError } from './errors.ts'
import { resolveValues } from './parameters.ts'
import type { Chart, Outcome, Scenario, Values } from './scenario.ts'
import { summarize, type Line, type Summary } from './summary.ts'

/** More combinations than this are a mistake: with 20 seeds each they are 20,000 runs. */
const MAX_COMBINATIONS = 1000

/** One value for each parameter that is varied, as typed. */
export type Combination = Readonly<Record<string, string>>

export interface Variation {
  readonly name: string
  readonly values: readonly string[]
}

export interface SweepPoint {
  readonly combination: Combination
  readonly values: Values
  readonly summary: Summary
}

/** 'name=v1,v2,v3'. @throws ParameterError */
export function parseVariation(text: string): Variation {
  const [, name, list = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  const values = list.split(',').map(value => value.trim())

  if (name == null || values.includes('')) {
    throw new ParameterError(`${JSON.stringify(text)} is not of the form name=value,value,…`)
  }

  return { name: name.trim(), values }
}

/** Each value of each with each of the others; the last varies fastest. @throws ParameterError */
export function combine(variations: readonly Variation[]): Combination[] {
  const count = variations.reduce((product, { values }) => product * values.length, 1)

  if (count > MAX_COMBINATIONS) {
    throw new ParameterError(
      `these are ${count} combinations, and ${MAX_COMBINATIONS} may be played`
    )
  }

  return variations.reduce<Combination[]>(
    (all, { name, values }) =>
      all.flatMap(combination => values.map(value => ({ ...combination, [name]: value }))),
    [{}]
  )
}

export function pointOf(
  scenario: Scenario,
  settings: Readonly<Record<string, string>>,
  combination: Combination,
  outcomes: readonly Outcome[]
): SweepPoint {
  return {
    combination,
    values: resolveValues(scenario, { ...settings, ...combination }),
    summary: summarize(scenario, outcomes)
  }
}

/** How quantities are shown along an axis; others are plain numbers. */
const AXES: Partial<Record<Unit, { readonly label: string; readonly scale: number }>> = {
  duration: { label: 's', scale: SECOND },
  share: { label: '%', scale: 0.01 },
  size: { label: 'bytes', scale: 1 },
  rate: { label: 'bytes/s', scale: 1 }
}

export interface SweepChart {
  readonly chart: Chart
  readonly lines: readonly Line[]
}

/** Each headline figure against the first parameter that is varied, a line for each combination of the others. */
export function sweepCharts(scenario: Scenario, points: readonly SweepPoint[]): SweepChart[] {
  const [first = ''] = Object.keys(points[0]?.combination ?? {})

  return Object.entries(scenario.figures)
    .filter(([, { headline }]) => headline === true)
    .map(([name, { label, unit }]) => ({
      chart: { title: label, x: axisLabel(scenario, first), y: unit },
      lines: linesOf(name, first, scaleOf(scenario, first), points)
    }))
}

function linesOf(
  figure: string,
  first: string,
  scale: number,
  points: readonly SweepPoint[]
): Line[] {
  const groups = Map.groupBy(points, ({ combination }) =>
    Object.entries(combination)
      .filter(([name]) => name !== first)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')
  )

  return [...groups].map(([name, group]) => ({
    name,
    points: group
      .flatMap(({ values, summary }, index) => {
        const estimate = summary.figures[figure]
        const x = values[first]

        if (estimate == null) return []

        const { mean, interval } = estimate

        return [
          {
            x: typeof x === 'number' ? x / scale : index,
            mean,
            low: mean - interval,
            high: mean + interval
          }
        ]
      })
      .toSorted((a, b) => a.x - b.x)
  }))
}

function axisLabel({ parameters }: Scenario, name: string): string {
  const parameter = parameters[name]

  if (parameter == null || !('unit' in parameter)) return `${name}, in the order given`

  const label = AXES[parameter.unit]?.label

  return label == null ? name : `${name}, ${label}`
}

function scaleOf({ parameters }: Scenario, name: string): number {
  const parameter = parameters[name]

  return parameter != null && 'unit' in parameter ? (AXES[parameter.unit]?.scale ?? 1) : 1
}
