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
  /** Through whom it was asked in the audits since it last passed one. */
  readonly strikers: readonly string[]
  /** Third nodes who say that it sent them wrong bytes, each with its trust. */
  readonly accusers: Readonly<Record<string, number>>
  readonly last?: AuditResult | undefined
  /** Why it was dropped. */
  readonly reason?: string | undefined
  /** Dropped for other bytes, which nothing makes good. */
  readonly isLiar?: boolean | undefined
}

export const NEW_STANDING: Standing = {
  state: 'new',
  passed: 0,
  challenges: 0,
  strikers: [],
  accusers: {}
}

/** Audits in a row that a mirror may not pass before it is dropped: what passes by itself is gone by then, or is no mirror. */
export const STRIKES = 3

/** What third nodes' words have to weigh for a mirror to be dropped on them: those of two trusted ones, or of six strangers. */
const ENOUGH = 6
const TRUSTED = 3
const STRANGER = 1

/** This node itself among those who asked. */
const SELF = 'self'

/** Of those who asked in vain, the last ones that are remembered. */
const MAX_STRIKERS = 8

/** Accusers that are remembered. */
const MAX_ACCUSERS = 16

/**
 * The standing of a mirror after one more audit. Proof, and what this node has seen with its own eyes, drop it at once. The word of one
 * third node does not: whoever answers for a rival could have it dropped.
 */
export function judge(standing: Standing, result: AuditResult): Standing {
  const { outcome, challenges } = result
  const next = { ...standing, challenges: standing.challenges + challenges, last: result }

  if (standing.isLiar === true) return next
  if (outcome === 'lied') return liar(next, result.reason ?? 'it signed a lie')
  if (outcome === 'wrong') return accused(next, result)
  if (outcome === 'right') return passed(next)

  return struck(next, result)
}

/** Whoever was only away is back. */
function passed(standing: Standing): Standing {
  const { accusers } = standing
  // Whoever accused it is not forgotten when others got what they asked for: it may tell them apart.
  const state = Object.keys(accusers).length > 0 ? 'doubtful' : 'sound'

  return { ...standing, state, passed: standing.passed + 1, strikers: [], reason: undefined }
}

/** Several in a row, and not on the word of one other node alone, whose own line may be down. */
function struck(standing: Standing, { through = SELF, outcome, reason }: AuditResult): Standing {
  const strikers = [...standing.strikers, through].slice(-MAX_STRIKERS)
  const isSure = strikers.includes(SELF) || new Set(strikers).size > 1
  const next = { ...standing, strikers }

  if (standing.state === 'dropped') return next

  return strikers.length >= STRIKES && isSure
    ? {
        ...next,
        state: 'dropped',
        reason: `${strikers.length} audits in a row: ${reason ?? outcome}`
      }
    : { ...next, state: 'doubtful' }
}

function accused(standing: Standing, { through, trust, reason }: AuditResult): Standing {
  if (through == null) return liar(standing, reason ?? 'it sent other bytes')

  const entries = Object.entries({ ...standing.accusers, [through]: trust }).slice(-MAX_ACCUSERS)
  const accusers = Object.fromEntries(entries)
  const weight = entries.reduce((sum, [, level]) => sum + (level > 0 ? TRUSTED : STRANGER), 0)

  return weight >= ENOUGH
    ? liar({ ...standing, accusers }, `${entries.length} nodes got other bytes from it`)
    : { ...standing, accusers, state: 'doubtful' }
}

function liar(standing: Standing, reason: string): Standing {
  return { ...standing, state: 'dropped', reason, isLiar: true }
}
