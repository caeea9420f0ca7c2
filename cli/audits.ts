import type { Command } from 'commander'
import type { AuditJson, AuditsJson, IncidentJson } from '../http-gateway/control/index.ts'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { printable } from './failure.ts'
import { runningNode } from './node.ts'
import { describeTime, table } from './text.ts'

export function addAudits(program: Command, run: Run): void {
  program
    .command('audits')
    .description('how the mirrors that this node audits have done, and who was shown to have lied')
    .addHelpText('after', examples('plexnet audits', 'plexnet --json audits | jq .incidents'))
    .action(
      run(async context => {
        const audits = await (await runningNode(context)).audits.list()

        return { value: audits, text: describe(audits) }
      })
    )
}

function describe({ mirrors, incidents }: AuditsJson): string {
  const audited = mirrors.length === 0 ? [NO_AUDITS] : mirrors.map(describeMirror)

  return [...audited, incidents.length === 0 ? NO_INCIDENTS : incidentsText(incidents)].join('\n\n')
}

const NO_AUDITS = 'No mirror was audited yet: nobody mirrors what this node publishes or mirrors.'
const NO_INCIDENTS = 'Nobody is known to have lied.'

function describeMirror({
  site,
  mirror,
  state,
  passed,
  challenges,
  reason,
  version,
  last
}: AuditJson): string {
  return table([
    ['Mirror', mirror],
    ['Of', site],
    ['State', reason == null ? state : `${state}: ${printable(reason)}`],
    ['Audits', `${passed} passed, ${challenges} blocks compared`],
    ['Serves', version == null ? 'not known' : `version ${version}`],
    ['Last', last == null ? 'none yet' : lastAuditText(last)]
  ])
}

/** When a mirror was audited last, through whom, and what came of it. */
export function lastAuditText({
  at,
  outcome,
  through,
  reason
}: NonNullable<AuditJson['last']>): string {
  const by = through == null ? 'by this node' : `through ${through}`
  const why = outcome === 'right' || reason == null ? '' : `, ${printable(reason)}`

  return `${describeTime(at)}, ${by}: ${outcome}${why}`
}

function incidentsText(incidents: readonly IncidentJson[]): string {
  return [
    'Shown by their own signatures to have lied:',
    ...incidents.map(
      ({ node, signed, what }) => `  ${node}, ${describeTime(signed)}: ${printable(what)}`
    )
  ].join('\n')
}
