import type { Origin } from './validation-report.ts'
import type { Scenario } from '../scenario.ts'
import { sweepCharts, type SweepPoint } from '../sweep.ts'
import { csv } from './csv.ts'
import { escapeHtml } from './escape.ts'
import { htmlTable, page, section } from './page.ts'
import { plot } from './plot.ts'
import { describeEstimate, leavesOut } from './run-report.ts'

export interface SweepOrigin extends Origin {
  /** As typed into a shell. */
  readonly command: string
}

/** The report of a scenario played with one combination of values after another. */
export function sweepReport(
  scenario: Scenario,
  points: readonly SweepPoint[],
  { command, version, commit, interrupted }: SweepOrigin
): string {
  const names = Object.keys(points[0]?.combination ?? {})

  return page(`${scenario.title}, varied · Plexnet simulation`, [
    `<h1>${escapeHtml(scenario.title)}, varied</h1>`,
    `<p class="lead">${escapeHtml(scenario.description)}</p>`,
    `<p class="run">Scenario ${escapeHtml(scenario.name)}, ${points.length} combinations of ${escapeHtml(names.join(', '))}, ${points[0]?.summary.seeds ?? 0} seeds each; means with the 95 % interval of the mean.</p>`,
    interrupted
      ? '<p class="notice">It was broken off: combinations are missing, and the last may be unfinished.</p>'
      : '',
    ...sweepCharts(scenario, points).map(
      ({ chart, lines }) =>
        `<figure><figcaption>${escapeHtml(chart.title)}</figcaption>\n${plot(chart, lines)}</figure>`
    ),
    section('All figures', figuresTable(scenario, names, points)),
    section('What this model leaves out', leavesOut(scenario.leavesOut)),
    section(
      'How to get it again',
      `<pre>${escapeHtml(command)}</pre><p class="run">plexnet ${escapeHtml(version)}${commit == null ? '' : `, commit ${escapeHtml(commit)}`}</p>`
    )
  ])
}

/** A line for each combination: its values, then mean and half width of the interval of each figure. */
export function sweepCsv(scenario: Scenario, points: readonly SweepPoint[]): string {
  const names = Object.keys(points[0]?.combination ?? {})
  const figures = Object.keys(scenario.figures)

  return csv([
    [...names, ...figures.flatMap(figure => [figure, `${figure} ±`])],
    ...points.map(({ combination, summary }) => [
      ...names.map(name => combination[name] ?? ''),
      ...figures.flatMap(figure => {
        const { mean, interval } = summary.figures[figure] ?? {}

        return [String(mean ?? ''), String(interval ?? '')]
      })
    ])
  ])
}

function figuresTable(
  scenario: Scenario,
  names: readonly string[],
  points: readonly SweepPoint[]
): string {
  const figures = Object.entries(scenario.figures)

  return htmlTable(
    [
      ...names.map(title => ({ title })),
      ...figures.map(([, { label, unit }]) => ({
        title: unit === '' ? label : `${label}, ${unit}`,
        isNumber: true
      }))
    ],
    points.map(({ combination, summary }) => [
      ...names.map(name => escapeHtml(combination[name] ?? '')),
      ...figures.map(([figure]) => {
        const estimate = summary.figures[figure]

        return estimate == null ? '' : breakBeforeInterval(describeEstimate(estimate))
      })
    ])
  )
}

/** There are many columns: a cell may take two lines, and no more. */
function breakBeforeInterval(text: string): string {
  return text.replaceAll(' ', '&nbsp;').replace('&nbsp;±', ' ±')
}
