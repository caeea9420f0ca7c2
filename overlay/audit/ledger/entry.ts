import { NEW_STANDING, type AuditResult, type Standing } from '../policy/standing.ts'
import type { BestTold } from '../policy/verdict.ts'

/** How one mirror of one site stands, and what it said of it; kept across restarts. */
export interface LedgerEntry {
  /** Addresses as text. */
  readonly site: string
  readonly mirror: string
  readonly standing: Standing
  /** The highest version that the mirror signed, and its signature. */
  readonly best?: BestTold | undefined
  /** The version that it served when it was last asked. */
  readonly seq?: number | undefined
}

export function newLedgerEntry(site: string, mirror: string): LedgerEntry {
  return { site, mirror, standing: NEW_STANDING }
}

export function encodeLedger(entries: Iterable<LedgerEntry>): string {
  const list = [...entries].map(({ best, ...rest }) => ({
    ...rest,
    ...(best && {
      best: {
        seq: best.seq,
        input: best.answer.input,
        values: best.answer.values,
        signature: Buffer.from(best.answer.signature).toString('base64')
      }
    })
  }))

  return `${JSON.stringify(list, undefined, 1)}\n`
}

/** What was encoded; entries that somebody damaged are left out, and audited anew. */
export function decodeLedger(text: string): LedgerEntry[] {
  try {
    const list: unknown = JSON.parse(text)

    return Array.isArray(list) ? list.flatMap(value => readEntry(value) ?? []) : []
  } catch {
    return []
  }
}

function readEntry(value: unknown): LedgerEntry | undefined {
  const { site, mirror, standing, best, seq } = fieldsOf(value)

  if (typeof site !== 'string' || typeof mirror !== 'string') return undefined

  return {
    site,
    mirror,
    standing: readStanding(fieldsOf(standing)),
    best: readBest(fieldsOf(best)),
    seq: numberOf(seq)
  }
}

const STATES = ['new', 'sound', 'doubtful', 'dropped'] as const

function readStanding(fields: Record<string, unknown>): Standing {
  const state = STATES.find(each => each === fields['state'])
  const { strikers, accusers, reason, isLiar } = fields

  if (state == null) return NEW_STANDING

  return {
    state,
    passed: numberOf(fields['passed']) ?? 0,
    challenges: numberOf(fields['challenges']) ?? 0,
    strikers: Array.isArray(strikers) ? strikers.map(String) : [],
    accusers: Object.fromEntries(
      Object.entries(fieldsOf(accusers)).map(([party, trust]) => [party, Number(trust)])
    ),
    last: readLast(fieldsOf(fields['last'])),
    ...(typeof reason === 'string' && { reason }),
    ...(isLiar === true && { isLiar })
  }
}

const OUTCOMES = [
  'right',
  'lied',
  'wrong',
  'unsigned',
  'stale',
  'absent',
  'failed',
  'stalled'
] as const

function readLast(fields: Record<string, unknown>): AuditResult | undefined {
  const outcome = OUTCOMES.find(each => each === fields['outcome'])
  const { through, reason } = fields

  return outcome == null
    ? undefined
    : {
        outcome,
        at: numberOf(fields['at']) ?? 0,
        trust: numberOf(fields['trust']) ?? 0,
        challenges: numberOf(fields['challenges']) ?? 0,
        ...(typeof through === 'string' && { through }),
        ...(typeof reason === 'string' && { reason })
      }
}

function readBest({
  seq,
  input,
  values,
  signature
}: Record<string, unknown>): BestTold | undefined {
  return typeof seq === 'number' &&
    typeof input === 'string' &&
    typeof signature === 'string' &&
    Array.isArray(values) &&
    values.every(value => typeof value === 'string')
    ? {
        seq,
        answer: { input, values, signature: new Uint8Array(Buffer.from(signature, 'base64')) }
      }
    : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return { ...(typeof value === 'object' ? value : {}) }
}
