import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays'
import type { FullAddress } from '../../../identity/index.ts'
import type { VerifiedSite } from '../../content/site-record.ts'
import { documentTarget } from '../document/document-target.ts'
import { toldDocument, type ToldDocument } from '../document/told-document.ts'
import type { Incident } from '../incident/incident.ts'
import { readContentDigest } from '../signed-answer/content-digest.ts'
import type { AnswerStatement, SignedAnswer } from '../signed-answer/signed-answer.ts'
import type { DocumentSeen } from '../third/observation.ts'
import type { DrawnDocument } from './document.ts'
import type { Outcome } from './standing.ts'

/** What the verdict on a document rests on beside the answer itself. */
export interface DocumentContext {
  /** What the mirror signed about a target; undefined for anything else. */
  readonly statementOf: (
    answer: SignedAnswer | undefined,
    target: string
  ) => AnswerStatement | undefined
  /** The record that the mirror gave just before, with its signature. */
  readonly record?: { readonly site: VerifiedSite; readonly answer: SignedAnswer } | undefined
  /** The incident that answers and evidence make; undefined where they make none. */
  readonly prove: (
    answers: readonly SignedAnswer[],
    evidence: readonly Uint8Array[]
  ) => Incident | undefined
}

export interface DocumentVerdict {
  readonly outcome: Outcome
  readonly reason?: string | undefined
  readonly incident?: Incident | undefined
  /** What came could be compared with what should have. */
  readonly isCompared: boolean
}

/**
 * What an answer to an ordinary client says of a mirror. Such answers come over connections that prove nothing, so that only what the mirror signed is
 * held against it as a lie; but that is whoever brings it.
 */
export function documentVerdict(
  seen: DocumentSeen | undefined,
  drawn: DrawnDocument,
  expected: { readonly site: FullAddress; readonly root: CID },
  context: DocumentContext
): DocumentVerdict {
  if (seen == null) return not('failed', 'told of fewer documents than it was asked for')
  // A mirror without an address serves nobody by path.
  if (seen.seen === 'unasked') return not('right')
  if (seen.seen !== 'sent') return not(seen.seen)

  const statement = context.statementOf(seen.answer, documentTarget(expected.site, drawn.path))
  const digest = readContentDigest(statement?.fields.get('content-digest') ?? '')
  const told = statement && toldDocument(statement)

  if (seen.answer == null || told == null || digest == null || !equals(digest, seen.digest)) {
    return not('unsigned', 'does not stand by what it sends to ordinary clients')
  }

  return told.root === expected.root.toString()
    ? compared(told, seen.answer, drawn, context)
    : ofAnotherVersion(told, seen.answer, context)
}

function compared(
  told: ToldDocument,
  answer: SignedAnswer,
  drawn: DrawnDocument,
  { prove }: DocumentContext
): DocumentVerdict {
  if (told.range?.start !== drawn.range?.start || told.range?.end !== drawn.range?.end) {
    return not('failed', 'sent another part than it was asked for')
  }
  if (told.tag === drawn.cid.toString() && equals(told.digest, drawn.digest)) {
    return { outcome: 'right', isCompared: true }
  }

  return {
    outcome: 'lied',
    isCompared: true,
    reason: `signed other content as /${drawn.path.join('/')}`,
    incident: prove([answer], []) ?? prove([answer], drawn.evidence)
  }
}

function ofAnotherVersion(
  told: ToldDocument,
  answer: SignedAnswer,
  { record, prove }: DocumentContext
): DocumentVerdict {
  // Whether that version is too old is seen by the record.
  if (record == null || told.root === record.site.root.toString()) return not('right')
  if (told.seq < record.site.seq) return not('stale', 'sends an older version than it says it has')
  if (told.seq > record.site.seq) return not('failed', 'names a version that it does not have')

  return {
    outcome: 'lied',
    isCompared: true,
    reason: `signed a document out of another tree than version ${told.seq}`,
    incident: prove([record.answer, answer], [record.site.bytes])
  }
}

function not(outcome: Outcome, reason?: string): DocumentVerdict {
  return { outcome, reason, isCompared: false }
}
