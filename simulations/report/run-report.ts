import type { Manifest } from '../manifest.ts'
import { formatDefault } from '../parameters.ts'
import type { Figure, Scenario } from '../scenario.ts'
import type { Estimate } from '../statistics.ts'
import type { Summary } from '../summary.ts'
import { escapeHtml } from './escape.ts'
import { machineSection } from './machine-section.ts'
import { htmlTable, page, section } from './page.ts'
import { plot, shortNumber } from './plot.ts'

/** An interval is itself an estimate: more digits of it mean nothing. */
const INTERVAL_DIGITS = 2

/** As many as numbers of JavaScript can be written with. */
const MOST_DECIMALS = 100

/** The report of one scenario over all its seeds. */
export function runReport(scenario: Scenario, summary: Summary, manifest: Manifest): string {
  return page(`${scenario.title} · Plexnet simulation`, [
    `<h1>${escapeHtml(scenario.title)}</h1>`,
    `<p class="lead">${escapeHtml(scenario.description)}</p>`,
    `<p class="run">${escapeHtml(runLine(scenario, summary))}</p>`,
    notices(summary, manifest),
    headlines(scenario, summary),
    ...Object.entries(scenario.charts).map(
      ([name, chart]) =>
        `<figure><figcaption>${escapeHtml(chart.title)}</figcaption>\n${plot(chart, summary.charts[name] ?? [])}</figure>`
    ),
    section('All figures', figuresTable(scenario, summary)),
    section('What this model leaves out', leavesOut(scenario.leavesOut)),
    section('Parameters', parametersTable(scenario, manifest)),
    machineSection(manifest)
  ])
}

export function leavesOut(items: readonly string[]): string {
  return `<ul class="out">${items.map(item => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
}

/** '12.3 ± 0.42'. */
export function describeEstimate(estimate: Estimate): string {
  return estimate.interval === 0
    ? meanText(estimate)
    : `${meanText(estimate)} ± ${intervalText(estimate)}`
}

/** No finer than its interval. */
function meanText({ mean, interval }: Estimate): string {
  const decimals = interval === 0 ? MOST_DECIMALS : 1 - Math.floor(Math.log10(interval))

  return shortNumber(Number(mean.toFixed(Math.min(MOST_DECIMALS, Math.max(0, decimals)))))
}

function intervalText({ interval }: Estimate): string {
  return shortNumber(Number(interval.toPrecision(INTERVAL_DIGITS)))
}

function runLine({ name }: Scenario, { seeds }: Summary): string {
  return seeds === 1
    ? `Scenario ${name}, one seed: nothing is known of how much chance there is in these figures.`
    : `Scenario ${name}, ${seeds} seeds; figures are means with the 95 % interval of the mean, bands in charts the same.`
}

function notices({ seeds }: Summary, { runs, interrupted }: Manifest): string {
  const violations = runs.flatMap(({ seed, violation }) =>
    violation == null
      ? []
      : [`Seed ${seed} broke an invariant at ${violation.time} µs: ${violation.message}`]
  )

  return [
    ...(interrupted
      ? [`The run was broken off; ${seeds} seeds are in here, the last of them unfinished.`]
      : []),
    ...violations
  ]
    .map(text => `<p class="notice">${escapeHtml(text)}</p>`)
    .join('\n')
}

function headlines({ figures }: Scenario, summary: Summary): string {
  const items = Object.entries(figures).flatMap(([name, figure]) => {
    const value = summary.figures[name]

    return figure.headline === true && value != null ? [headline(figure, value)] : []
  })

  return `<ul class="figures">${items.join('')}</ul>`
}

function headline({ label, unit }: Figure, value: Estimate): string {
  const interval = value.interval === 0 ? '' : `± ${intervalText(value)}`

  return `<li><span>${escapeHtml(label)}</span><b>${meanText(value)} <small>${escapeHtml(unit)}</small></b><span>${interval}</span></li>`
}

function figuresTable({ figures }: Scenario, summary: Summary): string {
  return htmlTable(
    [
      { title: 'Figure' },
      { title: 'Mean', isNumber: true },
      { title: '± 95 %', isNumber: true },
      { title: 'Least', isNumber: true },
      { title: 'Most', isNumber: true },
      { title: 'Seeds', isNumber: true }
    ],
    Object.entries(figures).flatMap(([name, { label, unit }]) => {
      const value = summary.figures[name]

      if (value == null) return []

      const title = unit === '' ? label : `${label}, ${unit}`

      return [
        [
          escapeHtml(title),
          meanText(value),
          value.count < 2 ? '' : intervalText(value),
          shortNumber(value.least),
          shortNumber(value.most),
          String(value.count)
        ]
      ]
    })
  )
}

export function parametersTable(
  { parameters }: Scenario,
  { values }: { readonly values: Readonly<Record<string, string>> }
): string {
  return htmlTable(
    [{ title: 'Parameter' }, { title: 'Value' }, { title: 'Default' }, { title: 'Meaning' }],
    Object.entries(parameters).map(([name, parameter]) => {
      const value = escapeHtml(values[name] ?? '')
      const usual = escapeHtml(formatDefault(parameter))

      return [
        `<code>${escapeHtml(name)}</code>`,
        value === usual ? value : `<strong>${value}</strong>`,
        usual,
        escapeHtml(parameter.description)
      ]
    })
  )
}
