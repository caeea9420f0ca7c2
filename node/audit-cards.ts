import type { AuditJson, IncidentJson } from '../http-gateway/index.ts'
import { formatAddress } from '../identity/index.ts'
import type { Incident, LedgerEntry, Lie } from '../overlay/audit/index.ts'

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
