import { equals } from 'uint8arrays'
import type { CID } from 'multiformats/cid'
import { CLOCK_TOLERANCE, type VerifiedRecord } from '../../../discovery/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { openSiteRecord, type VerifiedSite } from '../../content/site-record.ts'
import { blockTarget } from '../block-target.ts'
import { makeIncident, type Incident } from '../incident/incident.ts'
import { toldVersion } from '../incident/lie.ts'
import { readContentDigest } from '../signed-answer/content-digest.ts'
import {
  readAnswer,
  type AnswerStatement,
  type SignedAnswer
} from '../signed-answer/signed-answer.ts'
import { siteTarget } from '../site-target.ts'
import type { BlockSeen, Observation } from '../third/observation.ts'
import { documentVerdict, type DocumentContext } from './document-verdict.ts'
import type { DrawnDocument } from './document.ts'
import type { Outcome } from './standing.ts'

/** How long a mirror may serve the version before, in ms: one that copies by night comes round once a day, give or take a clock. */
export const STALE_AFTER = 26 * 60 * 60 * 1000

/** What a mirror was asked, and what should have come of it. */
export interface Expectation {
  readonly site: FullAddress
  readonly mirror: VerifiedRecord
  readonly blocks: readonly CID[]
  readonly documents?: readonly DrawnDocument[] | undefined
  /** The root that the site has now. */
  readonly root: CID
  /** Since when it has had it, as far as is known here; ms since the epoch. */
  readonly since: number
  /** The highest version that the mirror ever signed. */
  readonly best?: BestTold | undefined
  /** ms since the epoch */
  readonly now: number
  readonly staleAfter?: number
}

export interface BestTold {
  readonly seq: number
  readonly answer: SignedAnswer
}

export interface Verdict {
  readonly outcome: Outcome
  /** Blocks that were compared, the one that was wrong the last of them. */
  readonly challenges: number
  readonly reason?: string | undefined
  readonly incident?: Incident | undefined
  /** The number of the record that it has. */
  readonly seq?: number | undefined
  readonly best?: BestTold | undefined
}

/** What an observation says of a mirror; it may be one's own, or a third node's. */
export function verdictOn(observation: Observation, expected: Expectation): Verdict {
  const record = recordVerdict(observation, expected)
  const base = { seq: record.seq, best: record.best ?? expected.best }
  const documents = documentsVerdict(observation, expected, record.site)
  const failed = expected.blocks.findIndex(
    (cid, index) => blockOutcome(observation.blocks[index], cid, expected) !== 'right'
  )
  const cid = expected.blocks[failed]

  if (record.incident != null) {
    return { ...base, outcome: 'lied', challenges: 1, incident: record.incident }
  }
  if (cid == null) {
    const found = { ...base, ...documents }

    return record.isStale && documents.outcome === 'right'
      ? { ...found, outcome: 'stale', reason: OLD }
      : found
  }

  const seen = observation.blocks[failed]
  const incident = provenBy([seen?.answer], expected)
  const outcome = incident == null ? blockOutcome(seen, cid, expected) : 'lied'

  // Who says that it has the version before need not have what is new in this one.
  if (outcome === 'absent' && record.site?.root.equals(expected.root) === false) {
    const isLate = { outcome: 'stale', reason: OLD } as const

    return { ...base, challenges: failed, ...(record.isStale ? isLate : { outcome: 'right' }) }
  }

  return {
    ...base,
    outcome,
    challenges: failed + 1,
    reason: reasonOf(observation, cid),
    incident
  }
}

const OLD = 'it serves an old version'

/** The first that is not right; without one the sum of all. */
function documentsVerdict(
  { documents = [], record }: Observation,
  expected: Expectation,
  site: VerifiedSite | undefined
): Pick<Verdict, 'outcome' | 'challenges' | 'reason' | 'incident'> {
  const context: DocumentContext = {
    statementOf: (answer, target) => statementBy(answer, target, expected),
    record: site == null || record?.answer == null ? undefined : { site, answer: record.answer },
    prove: (answers, evidence) => provenBy(answers, expected, evidence)
  }
  let challenges = expected.blocks.length

  for (const [index, drawn] of (expected.documents ?? []).entries()) {
    const verdict = documentVerdict(documents[index], drawn, expected, context)
    const { outcome, reason, incident } = verdict

    challenges += verdict.isCompared ? 1 : 0
    if (outcome !== 'right') {
      const where = `${reason ?? outcome} (/${drawn.path.join('/')})`

      return { outcome, challenges, reason: where, incident }
    }
  }

  return { outcome: 'right', challenges }
}

function blockOutcome(block: BlockSeen | undefined, cid: CID, expected: Expectation): Outcome {
  if (block == null) return 'failed'
  if (block.seen !== 'right') return block.seen

  const statement = statementBy(block.answer, blockTarget(cid), expected)
  const digest = readContentDigest(statement?.fields.get('content-digest') ?? '')

  return statement?.status === 200 && digest != null && equals(digest, cid.multihash.digest)
    ? 'right'
    : 'unsigned'
}

/** What the mirror signed lately about a target; undefined for what somebody else made up, or kept for long. */
function statementBy(
  answer: SignedAnswer | undefined,
  target: string,
  { mirror, now }: Expectation
): AnswerStatement | undefined {
  const statement = answer && readAnswer(answer)

  return statement?.target === target &&
    statement.method === 'GET' &&
    formatAddress(statement.signer) === formatAddress(mirror.address) &&
    Math.abs(statement.created - now) <= CLOCK_TOLERANCE &&
    statement.isSignedBy(mirror.libp2pKey)
    ? statement
    : undefined
}

interface RecordVerdict {
  readonly isStale: boolean
  /** The record that it has, verified. */
  readonly site: VerifiedSite | undefined
  readonly seq?: number
  readonly best?: BestTold
  readonly incident?: Incident | undefined
}

function recordVerdict({ record }: Observation, expected: Expectation): RecordVerdict {
  const { site, root, since, best, now, staleAfter = STALE_AFTER } = expected
  const held = record && siteOf(record.bytes, expected)
  const statement = statementBy(record?.answer, siteTarget(site), expected)
  const told = statement && toldVersion(statement)
  const isOld = held?.root.equals(root) === false && now - since > staleAfter

  return {
    isStale: isOld,
    site: held,
    ...(held && { seq: held.seq }),
    ...(told != null &&
      record?.answer != null &&
      told >= (best?.seq ?? 0) && { best: { seq: told, answer: record.answer } }),
    incident:
      told != null && best != null && told < best.seq
        ? provenBy([best.answer, record?.answer], expected)
        : undefined
  }
}

function siteOf(bytes: Uint8Array, { site, now }: Expectation): VerifiedSite | undefined {
  try {
    return openSiteRecord(bytes, { address: site, now })
  } catch {
    return undefined
  }
}

function provenBy(
  answers: readonly (SignedAnswer | undefined)[],
  { mirror, now }: Expectation,
  evidence: readonly Uint8Array[] = []
): Incident | undefined {
  const known = answers.filter(answer => answer != null)

  if (known.length !== answers.length) return undefined

  try {
    return makeIncident(mirror.bytes, known, now, evidence)
  } catch {
    // It proves nothing, or somebody made it up.
    return undefined
  }
}

function reasonOf({ reason }: Observation, cid: CID): string {
  return `${reason ?? 'not as it should be'} (${cid.toString()})`
}
