import type { Machine } from '../manifest.ts'
import type { Check, Verdict } from '../validations/validation.ts'
import { escapeHtml } from './escape.ts'
import { htmlTable, page, section } from './page.ts'

export interface Validated {
  readonly name: string
  readonly title: string
  readonly source: string
  readonly conditions: string
  readonly checks: readonly Check[]
  readonly seconds: number
}

export interface Origin {
  readonly version: string
  readonly commit?: string
  readonly node: string
  readonly machine: Machine
  readonly isQuick: boolean
  readonly interrupted: boolean
}

const CLASSES: Readonly<Record<Verdict, string>> = {
  met: 'met',
  missed: 'missed',
  'left out': 'run'
}

/** Published, ours, tolerance and verdict of each result. */
export function validationReport(validated: readonly Validated[], origin: Origin): string {
  const checks = validated.flatMap(one => one.checks)
  const count = (verdict: Verdict): number =>
    checks.filter(check => check.verdict === verdict).length

  return page('Published results · Plexnet simulation', [
    '<h1>Published results, got again</h1>',
    '<p class="lead">Before the simulator is believed on what nobody has measured, it has to come to what others have.</p>',
    `<p class="run">plexnet ${escapeHtml(origin.version)}${origin.commit == null ? '' : `, commit ${escapeHtml(origin.commit)}`}, Node ${escapeHtml(origin.node)}, ${origin.machine.cores} × ${escapeHtml(origin.machine.cpu)}${origin.isQuick ? '; the quick form: smaller networks and fewer runs' : ''}</p>`,
    ...(origin.interrupted
      ? ['<p class="notice">This was broken off: some of the published results are missing.</p>']
      : []),
    `<ul class="figures"><li><span>Met</span><b>${count('met')}</b></li><li><span>Missed</span><b${count('missed') === 0 ? '' : ' class="missed"'}>${count('missed')}</b></li><li><span>Left out</span><b>${count('left out')}</b></li></ul>`,
    ...validated.map(one => section(one.title, details(one)))
  ])
}

function details({ source, conditions, checks, seconds }: Validated): string {
  return [
    `<p class="run">${escapeHtml(source)}</p>`,
    `<p>${escapeHtml(conditions)}</p>`,
    htmlTable(
      [
        { title: 'What' },
        { title: 'Published' },
        { title: 'Ours' },
        { title: 'Tolerance' },
        { title: 'Verdict' }
      ],
      checks.map(({ what, published, ours, tolerance, verdict, note }) => [
        escapeHtml(what),
        escapeHtml(published),
        `${escapeHtml(ours)}${note == null ? '' : `<br><small>${escapeHtml(note)}</small>`}`,
        escapeHtml(tolerance),
        `<span class="${CLASSES[verdict]}">${verdict}</span>`
      ])
    ),
    `<p class="run">${seconds.toFixed(1)} s</p>`
  ].join('\n')
}
