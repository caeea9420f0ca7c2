/**
 * What came of an audit. `lied`: the mirror's own signature proves it. `wrong`: other bytes than were asked for, without a
 * signature that proves it. `unsigned`: right bytes that it does not stand by. `stale`: it serves an old version long after a newer one.
 * `absent`, `failed` and `stalled` may be the network's or the machine's fault.
 */
export type Outcome =
  | 'right'
  | 'lied'
  | 'wrong'
  | 'unsigned'
  | 'stale'
  | 'absent'
  | 'failed'
  | 'stalled'

/** One audit; times are ms since the epoch. */
export interface AuditResult {
  readonly at: number
  /** The third node that asked; undefined for this node itself. */
  readonly through?: string | undefined
  /** How far that one is trusted, 0 to 3. */
  readonly trust: number
  /** Blocks that were compared. */
  readonly challenges: number
  readonly outcome: Outcome
  /** For a person. */
  readonly reason?: string | undefined
}

/** `doubtful`: it has failed lately, and is asked last. `dropped`: it is not asked, and nobody is sent to it. */
export type StandingState = 'new' | 'sound' | 'doubtful' | 'dropped'

/** How a mirror of a site stands after all audits so far. */
export interface Standing {
  readonly state: StandingState
  readonly passed: number
  /** Blocks that were compared, in all audits. */
  readonly challenges: number
  /** Audits in a row that were not passed. */
  readonly strikes: number
  /** Third nodes who say that it sent them wrong bytes, each with its trust. */
  readonly accusers: Readonly<Record<string, number>>
  readonly last?: AuditResult | undefined
  /** Why it was dropped. */
  readonly reason?: string | undefined
}

export const NEW_STANDING: Standing = {
  state: 'new',
  passed: 0,
  challenges: 0,
  strikes: 0,
  accusers: {}
}

/** Audits in a row that a mirror may not pass before it is dropped: what passes by itself is gone by then, or is no mirror. */
export const STRIKES = 3

/** What third nodes' words have to weigh for a mirror to be dropped on them: those of two trusted ones, or of six strangers. */
const ENOUGH = 6
const TRUSTED = 3
const STRANGER = 1

/** Accusers that are remembered. */
const MAX_ACCUSERS = 16

/**
 * The standing of a mirror after one more audit. Proof, and what this node has seen with its own eyes, drop it at once. The word of one
 * third node does not: whoever answers for a rival could have it dropped.
 */
export function judge(standing: Standing, result: AuditResult): Standing {
  const { outcome, challenges } = result
  const next = { ...standing, challenges: standing.challenges + challenges, last: result }

  if (standing.state === 'dropped') return next
  if (outcome === 'right') {
    return { ...next, state: stateAfterPass(next), passed: next.passed + 1, strikes: 0 }
  }
  if (outcome === 'lied') return dropped(next, result.reason ?? 'it signed a lie')
  if (outcome === 'wrong') return accused(next, result)

  const strikes = next.strikes + 1

  return strikes >= STRIKES
    ? dropped({ ...next, strikes }, `${strikes} audits in a row: ${result.reason ?? outcome}`)
    : { ...next, strikes, state: 'doubtful' }
}

function accused(standing: Standing, { through, trust, reason }: AuditResult): Standing {
  if (through == null) return dropped(standing, reason ?? 'it sent other bytes')

  const entries = Object.entries({ ...standing.accusers, [through]: trust }).slice(-MAX_ACCUSERS)
  const accusers = Object.fromEntries(entries)
  const weight = entries.reduce((sum, [, level]) => sum + (level > 0 ? TRUSTED : STRANGER), 0)

  return weight >= ENOUGH
    ? dropped({ ...standing, accusers }, `${entries.length} nodes got other bytes from it`)
    : { ...standing, accusers, state: 'doubtful' }
}

/** Whoever accused it is not forgotten when others got what they asked for: it may tell them apart. */
function stateAfterPass({ accusers }: Standing): StandingState {
  return Object.keys(accusers).length > 0 ? 'doubtful' : 'sound'
}

function dropped(standing: Standing, reason: string): Standing {
  return { ...standing, state: 'dropped', reason }
}
