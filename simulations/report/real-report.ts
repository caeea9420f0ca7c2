import type { Machine } from '../manifest.ts'
import type { Agreement } from '../real/agreement.ts'
import type { Scenario } from '../scenario.ts'
import { escapeHtml } from './escape.ts'
import { htmlTable, page, section } from './page.ts'
import { shortNumber } from './plot.ts'
import { describeEstimate, leavesOut, parametersTable } from './run-report.ts'

export interface RealOrigin {
  readonly version: string
  readonly commit?: string
  readonly node: string
  readonly machine: Machine
  readonly values: Readonly<Record<string, string>>
  /** Of the model. */
  readonly seeds: number
  readonly command: string
  readonly realSeconds: number
}

/** What real nodes are not, either. */
const REAL_LEAVES_OUT: readonly string[] = [
  'All real nodes stand on this machine: messages take no time to speak of and none gets lost, so that times are not compared.',
  'Of a node there is its libp2p host with DHT and LevelDB, as the node composes it; discovery, gateway and signatures of records are left out, which cost time and no messages of a lookup.',
  "Steps follow each other in the model's order, one at a time: what takes hours in the model is done as soon as the step before is over, so that upkeep by the clock hardly happens.",
  'A node that is off refuses connections at once here; on the internet it is waited for.',
  'It is one real network; the model is the mean of many.'
]

/** Model and real nodes, figure by figure. */
export function realReport(
  scenario: Scenario,
  agreements: readonly Agreement[],
  origin: RealOrigin
): string {
  const missed = agreements.filter(({ isMet }) => !isMet).length

  return page(`${scenario.title}, on real nodes · Plexnet simulation`, [
    `<h1>${escapeHtml(scenario.title)}: the model and real nodes</h1>`,
    `<p class="lead">${escapeHtml(scenario.description)}</p>`,
    `<p class="run">${escapeHtml(`Scenario ${scenario.name} with ${origin.values['nodes'] ?? ''} real nodes and, on the model, ${origin.seeds} seeds.`)}</p>`,
    missed === 0
      ? ''
      : `<p class="notice">${missed} of ${agreements.length} figures differ by more than they may.</p>`,
    section('Side by side', agreementsTable(scenario, agreements)),
    section('What real nodes leave out', leavesOut(REAL_LEAVES_OUT)),
    section('What this model leaves out', leavesOut(scenario.leavesOut)),
    section('Parameters', parametersTable(scenario, origin)),
    section('How to get it again', originTable(origin))
  ])
}

function agreementsTable({ figures }: Scenario, agreements: readonly Agreement[]): string {
  return htmlTable(
    [
      { title: 'Figure' },
      { title: 'Model', isNumber: true },
      { title: 'Real nodes', isNumber: true },
      { title: 'May differ by', isNumber: true },
      { title: 'That is' },
      { title: 'Verdict' }
    ],
    agreements.map(({ figure, model, real, tolerance, allowed, isMet }) => [
      escapeHtml(titleOf(figures[figure], figure)),
      describeEstimate(model),
      shortNumber(real),
      shortNumber(Number(tolerance.toPrecision(2))),
      escapeHtml(allowed),
      `<span class="${isMet ? 'met' : 'missed'}">${isMet ? 'agrees' : 'differs'}</span>`
    ])
  )
}

function titleOf(figure: { label: string; unit: string } | undefined, name: string): string {
  if (figure == null) return name

  return figure.unit === '' ? figure.label : `${figure.label}, ${figure.unit}`
}

function originTable({ command, version, commit, node, machine, realSeconds }: RealOrigin): string {
  const rows = [
    ['Version', `plexnet ${version}${commit == null ? '' : `, commit ${commit}`}, Node ${node}`],
    ['Machine', `${machine.cores} × ${machine.cpu}, ${machine.platform}`],
    ['Real nodes took', `${realSeconds.toFixed(1)} s`]
  ]

  return `<pre>${escapeHtml(command)}</pre>\n${htmlTable(
    [{ title: 'What' }, { title: 'Value' }],
    rows.map(row => row.map(escapeHtml))
  )}`
}
