import { decode, encode } from '@ipld/dag-cbor'
import { MAX_SITE_RECORD_BYTES } from '../../content/site-record.ts'
import { InvalidAuditReportError } from '../errors.ts'
import { MAX_DOCUMENTS } from '../policy/document.ts'
import { MAX_CHALLENGES } from '../policy/visit.ts'
import type { SignedAnswer } from '../signed-answer/signed-answer.ts'

/** What a mirror did when it was asked for one thing. */
export const SEEN = ['right', 'wrong', 'absent', 'failed', 'stalled'] as const

export type Seen = (typeof SEEN)[number]

export interface BlockSeen {
  readonly seen: Seen
  /** What the mirror signed. */
  readonly answer?: SignedAnswer | undefined
}

/** What a mirror did when an ordinary client asked it for a document; `unasked`: it says that it has no place where such clients could ask. */
export type DocumentSeen =
  | {
      readonly seen: 'sent'
      /** SHA-256 of what came. */
      readonly digest: Uint8Array
      readonly answer?: SignedAnswer | undefined
    }
  | { readonly seen: 'absent' | 'failed' | 'stalled' | 'unasked' }

/** What came of asking a mirror as a reader does. Without the mirror's signatures it is the word of whoever asked. */
export interface Observation {
  /** As they were asked for, as far as that went. */
  readonly blocks: readonly BlockSeen[]
  readonly documents?: readonly DocumentSeen[]
  /** The record of the site that the mirror has, not verified. */
  readonly record?:
    | { readonly bytes: Uint8Array; readonly answer?: SignedAnswer | undefined }
    | undefined
  /** For a person: what the last failure was. */
  readonly reason?: string | undefined
}

const MAX_REASON = 256
const MAX_ANSWER_BYTES = 2048

/** The largest observation, in bytes. */
export const MAX_OBSERVATION_BYTES =
  (MAX_CHALLENGES + MAX_DOCUMENTS) * MAX_ANSWER_BYTES +
  MAX_SITE_RECORD_BYTES +
  MAX_ANSWER_BYTES +
  1024

export function encodeObservation({
  blocks,
  documents = [],
  record,
  reason
}: Observation): Uint8Array {
  return encode({
    documents: documents.map(one =>
      one.seen === 'sent'
        ? { seen: one.seen, digest: one.digest, answer: packed(one.answer) }
        : { seen: one.seen }
    ),
    blocks: blocks.map(({ seen, answer }) => ({ seen, answer: packed(answer) })),
    record: record == null ? null : { bytes: record.bytes, answer: packed(record.answer) },
    reason: reason?.slice(0, MAX_REASON) ?? null
  })
}

/**
 * What another node says that it saw.
 *
 * @throws {InvalidAuditReportError}
 */
export function readObservation(bytes: Uint8Array): Observation {
  if (bytes.length > MAX_OBSERVATION_BYTES) throw new InvalidAuditReportError()

  const { blocks, documents, record, reason } = fieldsOf(decoded(bytes))

  return {
    blocks: listOf(blocks, MAX_CHALLENGES).map(readBlock),
    documents: listOf(documents, MAX_DOCUMENTS).map(readDocument),
    record: record == null ? undefined : readRecord(record),
    reason: typeof reason === 'string' ? reason.slice(0, MAX_REASON) : undefined
  }
}

function readBlock(value: unknown): BlockSeen {
  const { seen, answer } = fieldsOf(value)
  const known = SEEN.find(one => one === seen)

  if (known == null) throw new InvalidAuditReportError()

  return { seen: known, answer: unpacked(answer) }
}

const UNSENT = ['absent', 'failed', 'stalled', 'unasked'] as const

const DIGEST_BYTES = 32

function readDocument(value: unknown): DocumentSeen {
  const { seen, digest, answer } = fieldsOf(value)
  const unsent = UNSENT.find(one => one === seen)

  if (unsent != null) return { seen: unsent }
  if (seen !== 'sent' || !(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES) {
    throw new InvalidAuditReportError()
  }

  return { seen, digest, answer: unpacked(answer) }
}

function listOf(value: unknown, max: number): unknown[] {
  if (!Array.isArray(value) || value.length > max) throw new InvalidAuditReportError()

  return value
}

function readRecord(value: unknown): NonNullable<Observation['record']> {
  const { bytes, answer } = fieldsOf(value)

  if (!(bytes instanceof Uint8Array)) throw new InvalidAuditReportError()

  return { bytes, answer: unpacked(answer) }
}

function packed(answer: SignedAnswer | undefined): unknown {
  return answer == null ? null : [answer.input, [...answer.values], answer.signature]
}

function unpacked(value: unknown): SignedAnswer | undefined {
  if (value == null) return undefined

  const [input, values, signature]: unknown[] = Array.isArray(value) ? value : []

  if (
    typeof input !== 'string' ||
    !Array.isArray(values) ||
    !values.every(one => typeof one === 'string') ||
    !(signature instanceof Uint8Array)
  ) {
    throw new InvalidAuditReportError()
  }

  return { input, values, signature }
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (cause) {
    throw new InvalidAuditReportError({ cause })
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value == null) throw new InvalidAuditReportError()

  return { ...value }
}
