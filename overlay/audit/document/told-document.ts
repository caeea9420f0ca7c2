import type { FullAddress } from '../../../identity/index.ts'
import { readContentDigest } from '../signed-answer/content-digest.ts'
import type { AnswerStatement } from '../signed-answer/signed-answer.ts'
import { documentAsked } from './document-target.ts'

/** A part of a document, in bytes; `end` is the first that does not belong to it. */
export interface DocumentRange {
  readonly start: number
  readonly end: number
}

/** What a mirror says of a document that it sends by its path. */
export interface ToldDocument {
  readonly site: FullAddress
  readonly path: readonly string[]
  /** The version out of which it comes. */
  readonly root: string
  readonly seq: number
  /** The CID of the file, in its ETag. */
  readonly tag: string
  /** SHA-256 of what was sent. */
  readonly digest: Uint8Array
  /** Undefined where the whole document was sent. */
  readonly range?: DocumentRange | undefined
}

/** The document that an answer is about; undefined for answers about anything else, and those that say too little. */
export function toldDocument(statement: AnswerStatement): ToldDocument | undefined {
  const { method, status, target, fields } = statement
  const asked = method === 'GET' ? documentAsked(target) : undefined
  const version = readVersion(fields.get('plexnet-verified') ?? '')
  const [, tag] = /^"([a-z0-9]{1,128})"$/.exec(fields.get('etag') ?? '') ?? []
  const digest = readContentDigest(fields.get('content-digest') ?? '')
  const range = readRange(fields.get('content-range') ?? '')

  if (asked == null || version == null || tag == null || digest == null) return undefined
  if (status !== (range == null ? 200 : 206)) return undefined

  return { ...asked, ...version, tag, digest, range }
}

/** As `verifiedField` of the gateway writes it. */
function readVersion(field: string): Pick<ToldDocument, 'root' | 'seq'> | undefined {
  const [, root, digits] = /^\?1;root="([a-z0-9]{1,128})";seq=(\d{1,16})$/.exec(field) ?? []
  const seq = Number(digits)

  return root != null && Number.isSafeInteger(seq) ? { root, seq } : undefined
}

function readRange(field: string): DocumentRange | undefined {
  const [, first, last] = /^bytes (\d{1,16})-(\d{1,16})\/\d{1,16}$/.exec(field) ?? []

  return first == null ? undefined : { start: Number(first), end: Number(last) + 1 }
}
