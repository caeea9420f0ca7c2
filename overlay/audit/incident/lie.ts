import { equals } from 'uint8arrays'
import { CID } from 'multiformats/cid'
import { CLOCK_TOLERANCE } from '../../../discovery/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { RAW, sha256Of } from '../../content/block.ts'
import type { Part } from '../../content/fetch/dag/tree-node.ts'
import { openSiteRecord } from '../../content/site-record.ts'
import { blockAsked } from '../block-target.ts'
import { fileIn } from '../document/file-in.ts'
import { toldDocument, type DocumentRange, type ToldDocument } from '../document/told-document.ts'
import { readContentDigest } from '../signed-answer/content-digest.ts'
import type { AnswerStatement } from '../signed-answer/signed-answer.ts'
import { seqOfTag, siteAsked } from '../site-target.ts'

/**
 * What a node is shown to have lied about. `altered`: it signed other bytes as the block of a CID. `document`: it signed, as a document of a
 * version, what that version does not have at this path. `other-tree`: it signed a document out of a tree that is not that of the
 * version, by the record that it signed itself. `rolled-back`: it signed an old version of a site long after a newer one.
 */
export type Lie =
  | { readonly kind: 'altered'; readonly cid: string }
  | { readonly kind: 'document'; readonly site: FullAddress; readonly path: readonly string[] }
  | { readonly kind: 'other-tree'; readonly site: FullAddress; readonly seq: number }
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

/**
 * The lie that the statements of one node show, undefined where they show none. `evidence`: blocks of the tree that the node itself names, or the
 * site record that it signed for; none of it has to be believed.
 */
export function lieOf(
  statements: readonly AnswerStatement[],
  evidence: readonly Uint8Array[] = []
): Lie | undefined {
  const [first, second, ...others] = statements

  if (first == null || others.length > 0) return undefined
  if (second == null) {
    return evidence.length === 0
      ? (alteredBlock(first) ?? alteredDocument(first))
      : otherDocument(first, evidence)
  }

  return evidence.length === 0 ? rolledBack(first, second) : otherTree(first, second, evidence)
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

/** A whole document of one raw block: its ETag, too, is the digest of what has to come. */
function alteredDocument(statement: AnswerStatement): Lie | undefined {
  const told = toldDocument(statement)
  const cid = told && cidOf(told.tag)

  return told != null &&
    told.range == null &&
    cid?.code === RAW &&
    !equals(told.digest, cid.multihash.digest)
    ? documentLie(told)
    : undefined
}

/** The tree that the node names has another file at this path, or other bytes in this part of it. */
function otherDocument(
  statement: AnswerStatement,
  evidence: readonly Uint8Array[]
): Lie | undefined {
  const told = toldDocument(statement)
  const shown = told && fileIn(told.root, told.path, evidence)

  if (told == null || shown == null) return undefined

  const part = told.range && partAt(shown.parts, told.range)
  const isOther =
    told.tag !== shown.cid.toString() ||
    (part != null && part.code === RAW && !equals(told.digest, part.multihash.digest))

  return isOther ? documentLie(told) : undefined
}

/** The first statement is about the record of the site, the second about a document; the evidence is that record. */
function otherTree(
  first: AnswerStatement,
  second: AnswerStatement,
  evidence: readonly Uint8Array[]
): Lie | undefined {
  const [record, ...others] = evidence
  const site = siteAsked(first.target)
  const digest = readContentDigest(first.fields.get('content-digest') ?? '')
  const told = toldDocument(second)

  if (
    record == null ||
    others.length > 0 ||
    site == null ||
    digest == null ||
    toldVersion(first) == null ||
    !equals(digest, sha256Of(record)) ||
    formatAddress(told?.site ?? site) !== formatAddress(site)
  ) {
    return undefined
  }

  const held = recordAt(record, site, first.created)

  // Of two trees that the publisher signed with one number a mirror serves the one that it took.
  return held != null && told?.seq === held.seq && told.root !== held.root.toString()
    ? { kind: 'other-tree', site, seq: held.seq }
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
  switch (lie.kind) {
    case 'altered':
      return `signed other bytes as the block ${lie.cid}`
    case 'document':
      return `signed other content as /${lie.path.join('/')} of ${formatAddress(lie.site)}`
    case 'other-tree':
      return `signed a document out of another tree than version ${lie.seq} of ${formatAddress(lie.site)}`
    case 'rolled-back':
      break
  }

  return `signed version ${lie.seq} of ${formatAddress(lie.site)} after version ${lie.before}`
}

function documentLie({ site, path }: ToldDocument): Lie {
  return { kind: 'document', site, path }
}

function partAt(parts: readonly Part[], { start, end }: DocumentRange): CID | undefined {
  let at = 0

  for (const { cid, size } of parts) {
    if (at === start && at + size === end) return cid
    at += size
  }

  return undefined
}

function cidOf(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}

function recordAt(
  bytes: Uint8Array,
  address: FullAddress,
  now: number
): ReturnType<typeof openSiteRecord> | undefined {
  try {
    return openSiteRecord(bytes, { address, now })
  } catch {
    return undefined
  }
}
