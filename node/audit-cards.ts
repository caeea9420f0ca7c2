import type { AuditJson, IncidentJson } from '../http-gateway/index.ts'
import { formatAddress } from '../identity/index.ts'
import type { Incident, LedgerEntry, Lie, Verdict } from '../overlay/audit/index.ts'

/** What the owner is told of a mirror that is audited. */
export function auditJson({ site, mirror, standing, seq }: LedgerEntry): AuditJson {
  const { state, passed, challenges, reason, last } = standing

  return {
    site,
    mirror,
    state,
    passed,
    challenges,
    reason,
    version: seq,
    last: last && {
      at: last.at,
      outcome: last.outcome,
      through: last.through,
      reason: last.reason
    }
  }
}

export function incidentJson(
  { liar, lie, signed }: Incident,
  text: (lie: Lie) => string
): IncidentJson {
  return { node: formatAddress(liar), signed, what: text(lie) }
}

/** What came of looking at a mirror that offers itself. */
export interface OfferComparison {
  readonly isGood: boolean
  /** It is shown to send other content by its own signature. */
  readonly differs: boolean
  readonly ranges: number
  readonly reason?: string | undefined
}

/** The word of another node does not end an agreement, and does not begin one either: others are asked the next time. */
export function offerComparison({ outcome, challenges, reason }: Verdict): OfferComparison {
  const isGood = outcome === 'right'

  return {
    isGood,
    differs: outcome === 'lied',
    ranges: challenges,
    ...(!isGood && { reason: `As another node saw it, it ${reason ?? outcome}.` })
  }
}
