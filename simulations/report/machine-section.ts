import type { Manifest } from '../manifest.ts'
import { escapeHtml } from './escape.ts'
import { htmlTable, section } from './page.ts'

const MIB = 2 ** 20

/** Where the results come from, enough to get them again. */
export function machineSection(manifest: Manifest): string {
  const { machine, runs } = manifest
  const events = runs.reduce((sum, run) => sum + run.events, 0)
  const rows = [
    ['Configuration', manifest.configurationHash],
    ['Seeds', runs.map(({ seed }) => seed).join(', ')],
    ['Trace', runs[0] == null ? '' : `${runs[0].traceHash} (seed ${runs[0].seed})`],
    [
      'Version',
      `plexnet ${manifest.version}${manifest.commit == null ? '' : `, commit ${manifest.commit}`}, Node ${manifest.node}`
    ],
    [
      'Machine',
      `${machine.cores} × ${machine.cpu}, ${Math.round(machine.memory / MIB)} MiB, ${machine.platform}`
    ],
    ['Begun', manifest.started],
    [
      'Cost',
      `${manifest.wallSeconds.toFixed(1)} s, ${manifest.cpuSeconds.toFixed(1)} s of processor, ${events} events, at most ${Math.round(manifest.peakRss / MIB)} MiB`
    ]
  ]

  return section(
    'How to get it again',
    `<pre>${escapeHtml(manifest.command)}</pre>\n${htmlTable(
      [{ title: 'What' }, { title: 'Value' }],
      rows.map(([what = '', value = '']) => [escapeHtml(what), escapeHtml(value)])
    )}`
  )
}
