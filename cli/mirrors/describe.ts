import { formatQuantity } from '../../config/quantities.ts'
import type {
  AgreementJson,
  MirrorJson,
  MirrorsJson,
  OfferedJson
} from '../../http-gateway/control/index.ts'
import { lastAuditText } from '../audits.ts'
import { describeBytes, describeTime, table } from '../text.ts'

/** Both directions: what this node mirrors, and who mirrors its site. */
export function describeMirrors({ mirrored, mirrors, wouldServe, policy }: MirrorsJson): string {
  const standing = mirrors.filter(({ state }) => state !== 'dropped')

  return [
    mirrored.length === 0
      ? NOTHING
      : `This node mirrors:\n\n${mirrored.map(describeMirrored).join('\n\n')}`,
    ...(policy == null ? [] : [policyText(policy)]),
    standing.length === 0
      ? NOBODY
      : `${wouldServe} of ${standing.length} would serve your site if you went offline:`,
    ...mirrors.map(describeAgreement)
  ].join('\n\n')
}

const NOTHING = 'This node mirrors nothing: plexnet mirror <address>'
const NOBODY = 'Nobody mirrors the site of this node by agreement.'

function policyText({ trusted, quota }: NonNullable<MirrorsJson['policy']>): string {
  return `By itself it mirrors whom it trusts at level ${trusted} or above, ${describeBytes(quota)} together.`
}

/** Somebody who mirrors the site of this node. */
function describeAgreement(agreement: AgreementJson): string {
  const { id, uris, prefix, trust, state, reason, expires, bytes, quota, served } = agreement

  return table([
    ['Mirror', id],
    ['State', reason == null ? state : `${state}: ${reason}`],
    ...(prefix === '/' ? [] : [['Part', prefix] as [string, string]]),
    ...uris.map((uri): [string, string] => ['Place', uri]),
    ['Trust', String(trust)],
    ['Version', versionText(agreement)],
    ['Checked', checkText(agreement.lastCheck)],
    ...auditRows(agreement.audit),
    ...(quota === 0
      ? []
      : [['Has', `${describeBytes(bytes)} of ${describeBytes(quota)}`] as [string, string]]),
    ['Sent', `${describeBytes(served)}, as it says`],
    ['Until', expires == null ? 'you remove it' : describeTime(expires)]
  ])
}

function versionText({ isCurrent, root, audit }: AgreementJson): string {
  if (isCurrent) return 'the present one, whole'
  if (root == null) return 'none that is known to be right'

  return audit?.version == null ? 'an older one' : `an older one, ${audit.version}`
}

/** Nothing where there was none yet. */
function auditRows(audit: AgreementJson['audit']): [string, string][] {
  if (audit?.last == null) return []

  const { state, passed, challenges, last } = audit

  return [
    ['Audits', `${passed} passed, ${challenges} answers compared: ${state}`],
    ['Audited', lastAuditText(last)]
  ]
}

function checkText(check: AgreementJson['lastCheck']): string {
  if (check == null) return 'not yet'

  return `${describeTime(check.at)}, ${check.ranges} ranges${check.isGood ? ' were right' : ''}`
}

function publisherText(agreement: OfferedJson | undefined): string {
  if (agreement == null) return 'has not been asked'

  const { state, reason, expires } = agreement

  switch (state) {
    case 'listed':
      return `lists this node${expires == null ? '' : ` until ${describeTime(expires)}`}`
    case 'offered':
    case 'checking':
      return 'looks at what is here'
    case 'refused':
      return `does not list this node: ${reason ?? 'no reason was given'}`
    case 'away':
      return 'cannot be asked now; the copy is found without it'
    case 'unanswered':
      break
  }

  return 'says nothing of mirrors'
}

/** A site that this node mirrors. */
export function describeMirrored(mirror: MirrorJson): string {
  const { address, quota, version, files, bytes, completeness, checked } = mirror

  return table([
    ['Site', address],
    ['State', stateText(mirror)],
    ['Whole', `${Math.floor(completeness * 100)} %`],
    ['Serves', version == null ? 'nothing yet' : `version ${version.seq}, ${files} files`],
    ['Takes', `${describeBytes(bytes)} of ${describeBytes(quota)}`],
    ...paceRows(mirror),
    ['Sent', `${describeBytes(mirror.served)} since the start`],
    ['Checked', checked == null ? 'not yet' : describeTime(checked)],
    ['Publisher', publisherText(mirror.agreement)]
  ])
}

function stateText({ state, failure, resumes }: MirrorJson): string {
  if (failure != null) return `${state}: ${failure}`

  return resumes == null ? state : `${state} until ${describeTime(resumes)}`
}

/** Nothing where there is no limit. */
function paceRows({ rate, schedule }: MirrorJson): [string, string][] {
  return [
    ...(rate == null ? [] : [['Rate', formatQuantity(rate, 'rate')] as [string, string]]),
    ...(schedule == null ? [] : [['Schedule', schedule] as [string, string]])
  ]
}
