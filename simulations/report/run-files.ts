import type { Manifest } from '../manifest.ts'
import type { Files } from '../output/store.ts'
import type { Scenario } from '../scenario.ts'
import type { Summary } from '../summary.ts'
import { fileName, lineCsv } from './csv.ts'
import { runReport } from './run-report.ts'

/** All that is written of a run: report, summary, manifest and a CSV a series. */
export function runFiles(scenario: Scenario, summary: Summary, manifest: Manifest): Files {
  return {
    'report.html': runReport(scenario, summary, manifest),
    'summary.json': json({ scenario: scenario.name, ...summary }),
    'manifest.json': json(manifest),
    ...Object.fromEntries(
      Object.entries(summary.charts).flatMap(([chart, lines]) =>
        lines.map(line => [fileName(chart, line.name, 'csv'), lineCsv(line)] as const)
      )
    )
  }
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
