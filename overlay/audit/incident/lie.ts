import { equals } from 'uint8arrays'
import { CLOCK_TOLERANCE } from '../../../discovery/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { blockAsked } from '../block-target.ts'
import { readContentDigest } from '../signed-answer/content-digest.ts'
import type { AnswerStatement } from '../signed-answer/signed-answer.ts'
import { seqOfTag, siteAsked } from '../site-target.ts'

/**
 * What a node is shown to have lied about. `altered`: it signed other bytes as the block of a CID. `rolled-back`: it signed an
 * old version of a site long after a newer one.
 */
export type Lie =
  | { readonly kind: 'altered'; readonly cid: string }
  | {
      readonly kind: 'rolled-back'
      readonly site: FullAddress
      readonly seq: number
      readonly before: number
    }

/**
 * Two answers of one node are ordered by its own clock, and an honest clock may be wrong by a day and put right: only beyond twice
 * what is tolerated is the order sure.
 */
export const ROLLBACK_MARGIN = 2 * CLOCK_TOLERANCE

/** The lie that the statements of one node show, undefined where they show none. */
export function lieOf(statements: readonly AnswerStatement[]): Lie | undefined {
  const [first, second, ...others] = statements

  if (first == null || others.length > 0) return undefined

  return second == null ? alteredBlock(first) : rolledBack(first, second)
}

/** A CID is the digest of its block, so that a signed digest needs nothing but the request to be seen to be wrong. */
function alteredBlock({ method, target, status, fields }: AnswerStatement): Lie | undefined {
  const cid = blockAsked(target)
  const digest = readContentDigest(fields.get('content-digest') ?? '')

  return cid != null &&
    digest != null &&
    method === 'GET' &&
    status === 200 &&
    !equals(digest, cid.multihash.digest)
    ? { kind: 'altered', cid: cid.toString() }
    : undefined
}

function rolledBack(first: AnswerStatement, second: AnswerStatement): Lie | undefined {
  const site = siteAsked(first.target)
  const before = toldVersion(first)
  const seq = toldVersion(second)

  return site != null &&
    second.target === first.target &&
    before != null &&
    seq != null &&
    seq < before &&
    second.created - first.created > ROLLBACK_MARGIN
    ? { kind: 'rolled-back', site, seq, before }
    : undefined
}

/** The version that an answer says the node has. */
export function toldVersion({ method, status, fields }: AnswerStatement): number | undefined {
  return method === 'GET' && status === 200 ? seqOfTag(fields.get('etag') ?? '') : undefined
}

/** For a person. */
export function lieText(lie: Lie): string {
  return lie.kind === 'altered'
    ? `signed other bytes as the block ${lie.cid}`
    : `signed version ${lie.seq} of ${formatAddress(lie.site)} after version ${lie.before}`
}
