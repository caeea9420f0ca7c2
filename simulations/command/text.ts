import type { Comparison } from '../comparison.ts'
import type { Agreement } from '../real/agreement.ts'
import { shortNumber } from '../report/plot.ts'
import { describeEstimate } from '../report/run-report.ts'
import type { Validated } from '../report/validation-report.ts'
import type { Parameter, Scenario } from '../scenario.ts'
import type { SweepPoint } from '../sweep.ts'
import type { Summary } from '../summary.ts'

/** The scenarios, each with what it asks and its parameters. */
export function describeScenarios(scenarios: readonly Scenario[]): string {
  return scenarios.map(describeScenario).join('\n\n')
}

/** Name and value of each figure. */
export function describeSummary(scenario: Scenario, summary: Summary): string {
  const rows = Object.entries(scenario.figures).flatMap(([name, { label, unit }]) => {
    const value = summary.figures[name]

    return value == null ? [] : [[label, `${describeEstimate(value)} ${unit}`.trim()] as const]
  })
  const width = Math.max(0, ...rows.map(([label]) => label.length))

  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n')
}

function describeScenario({ name, description, parameters }: Scenario): string {
  const entries = Object.entries(parameters)
  const width = Math.max(...entries.map(([key]) => key.length))

  return [
    name,
    `  ${description}`,
    ...entries.map(
      ([key, parameter]) => `    ${key.padEnd(width)}  ${describeParameter(parameter)}`
    )
  ].join('\n')
}

function describeParameter(parameter: Parameter): string {
  const choices = 'choices' in parameter ? `; one of ${parameter.choices.join(', ')}` : ''
  const preset = parameter.default === '' ? '' : ` (${parameter.default})`

  return `${parameter.description}${choices}${preset}`
}

/** Both values of each figure and how they differ. */
export function describeComparison(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ figure, one, other, difference, interval, isClear }) => [
    figure,
    describeEstimate(one),
    describeEstimate(other),
    `${difference < 0 ? '' : '+'}${shortNumber(difference)} ± ${shortNumber(Number(interval.toPrecision(2)))}`,
    isClear ? 'clear' : 'may be chance'
  ])
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => row[column]!.length))
  )

  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

/** Model and real nodes, a line for each figure. */
export function describeAgreements(
  { figures }: Scenario,
  agreements: readonly Agreement[]
): string {
  return agreements
    .map(
      ({ figure, model, real, tolerance, isMet }) =>
        `${isMet ? 'agrees ' : 'differs'}  ${figures[figure]?.label ?? figure}: model ${describeEstimate(model)}, real nodes ${shortNumber(real)}; may differ by ${shortNumber(Number(tolerance.toPrecision(2)))}`
    )
    .join('\n')
}

/** A validation with its checks, published against ours. */
export function describeValidated({ title, checks, seconds }: Validated): string {
  return [
    `${title} (${seconds.toFixed(1)} s)`,
    ...checks.map(
      ({ verdict, what, published, ours, tolerance, note }) =>
        `  ${verdict.padEnd(8)}  ${what}\n            published ${published}; ours ${ours === '' ? '–' : ours}${tolerance === '' ? '' : `; tolerance ${tolerance}`}${note == null ? '' : `\n            ${note}`}`
    )
  ].join('\n')
}

/** A line for each combination with its headline figures. */
export function describeSweep(scenario: Scenario, points: readonly SweepPoint[]): string {
  const figures = Object.entries(scenario.figures).filter(([, { headline }]) => headline === true)

  return points
    .map(({ combination, summary }) =>
      [
        Object.entries(combination)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
        ...figures.map(([name, { label, unit }]) => {
          const estimate = summary.figures[name]

          return estimate == null
            ? ''
            : `  ${label}: ${describeEstimate(estimate)} ${unit}`.trimEnd()
        })
      ].join('\n')
    )
    .join('\n')
}
