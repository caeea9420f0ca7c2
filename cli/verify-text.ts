import type { BlockFault, SourceReport, VerifyReport } from '../http-gateway/control/index.ts'
import { printable } from './failure.ts'
import { describeBytes, describeTime, table } from './text.ts'

/** Faults that are printed of each source; --json has more. */
const SHOWN_FAULTS = 10

const HEADINGS = [
  'Source',
  'Kind',
  'State',
  'Record',
  'Right',
  'Wrong',
  'Absent',
  'Failed',
  'Not asked'
]
const FIRST_NUMBER = HEADINGS.indexOf('Record')
/** What `plexnet verify` found, for a person. */
export function verifyText(report: VerifyReport): string {
  const { address, seq, root, issued, expires, confirmed, files, blocks, bytes, sources } = report
  const facts = table([
    ['Site', address],
    ['Record', `number ${seq}, signed ${describeTime(issued)}, until ${describeTime(expires)}`],
    ['Publisher', `last stood by it ${describeTime(confirmed)}`],
    ['Tree', root],
    ['Contents', `${files} files, ${blocks} blocks, ${describeBytes(bytes)}`]
  ])

  return [facts, '', sourceTable(sources), ...faultLines(report), '', verdictOf(report)].join('\n')
}

function sourceTable(sources: readonly SourceReport[]): string {
  const rows = sources.map(({ id, kind, state, seq, blocks }) => [
    printable(id),
    kind,
    state,
    seq == null ? '' : String(seq),
    ...[blocks.right, blocks.wrong, blocks.absent, blocks.failed, blocks.skipped].map(String)
  ])

  return columns([HEADINGS, ...rows])
}

/** Numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, index) => Math.max(...rows.map(row => row[index]?.length ?? 0)))

  return rows
    .map(row =>
      row
        .map((cell, index) =>
          index < FIRST_NUMBER ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)
        )
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

function faultLines({ sources, missing }: VerifyReport): string[] {
  const told = sources.flatMap(({ id, kind, faults }) =>
    // That this node does not keep everything is no fault.
    kind === 'cache' ? [] : faults.slice(0, SHOWN_FAULTS).map(fault => [id, fault] as const)
  )
  const lost = missing.some.slice(0, SHOWN_FAULTS).map(fault => ['nobody has', fault] as const)

  return [...told, ...lost].length === 0
    ? []
    : ['', ...[...told, ...lost].map(([who, fault]) => faultLine(who, fault))]
}

function faultLine(who: string, { kind, path, offset, cid, reason }: BlockFault): string {
  const place = offset == null ? `the list of ${path}` : `${path} at ${offset}`

  return `  ${printable(who)}: ${kind}, ${printable(place)}: ${printable(reason)} (${cid})`
}

function verdictOf({ sources, missing, incomplete }: VerifyReport): string {
  const others = sources.filter(({ kind }) => kind !== 'cache')
  const count = (state: SourceReport['state']): number =>
    others.filter(source => source.state === state).length

  if (incomplete != null) return `The tree could not be read whole: ${printable(incomplete)}`
  if (count('wrong') > 0) {
    return `${count('wrong')} of ${others.length} sources have other bytes than the publisher signed.`
  }
  if (missing.count > 0) return `No source has ${missing.count} of the blocks.`

  return `All right: every block is to be had, and ${count('complete')} of ${others.length} sources have all that they were asked for.`
}
