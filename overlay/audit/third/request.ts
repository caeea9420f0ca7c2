import { CID } from 'multiformats/cid'
import {
  CLOCK_TOLERANCE,
  MAX_NODE_RECORD_BYTES,
  openNodeRecord,
  type VerifiedRecord
} from '../../../discovery/index.ts'
import {
  ed25519Spki,
  errorMessage,
  formatAddress,
  openSigned,
  parseFullAddress,
  signBody,
  type FullAddress
} from '../../../identity/index.ts'
import { isReadable } from '../../content/block.ts'
import { isPublicName, nameFault } from '../../content/public-name.ts'
import { InvalidAuditRequestError } from '../errors.ts'
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_PATH, MAX_DOCUMENTS } from '../policy/document.ts'
import type { DocumentAsked } from '../policy/document.ts'
import { MAX_CHALLENGES } from '../policy/visit.ts'

/** What one node asks another to find out about a mirror. */
export interface AuditRequest {
  readonly site: FullAddress
  readonly mirror: FullAddress
  /** Who is asked: what was meant for one node is not carried to others. */
  readonly third: FullAddress
  /** In this order, as a reader would. */
  readonly blocks: readonly CID[]
  /** As any HTTP client would, after the blocks. */
  readonly documents?: readonly DocumentAsked[] | undefined
  /** ms since the epoch, and higher than in the request before, so that none counts twice. */
  readonly issued: number
}

export interface OpenedRequest extends AuditRequest {
  /** Who asks. */
  readonly auditor: VerifiedRecord
}

/** What a document takes at most, in bytes: its path, in which a character can have four, and a range. */
const MAX_ASKED_BYTES = MAX_DOCUMENT_PATH * 4 + 64

/** The largest request, in bytes: the record of who asks, and the names of blocks and documents. */
export const MAX_AUDIT_REQUEST_BYTES =
  MAX_NODE_RECORD_BYTES + MAX_CHALLENGES * 48 + MAX_DOCUMENTS * MAX_ASKED_BYTES + 768

/** `auditor` is the signed record of who asks, whose libp2p key signs. */
export function signAuditRequest(
  { site, mirror, third, blocks, documents = [], issued }: AuditRequest,
  auditor: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  return signBody(
    'audit',
    {
      site: formatAddress(site),
      mirror: formatAddress(mirror),
      third: formatAddress(third),
      blocks: [...blocks],
      documents: documents.map(({ path, range }) => [
        [...path],
        ...(range == null ? [] : [range.start, range.end])
      ]),
      issued,
      auditor
    },
    sign
  )
}

/**
 * The request in `bytes`, its signatures and its time checked.
 *
 * @throws {InvalidAuditRequestError}
 */
export function openAuditRequest(
  bytes: Uint8Array,
  { third, now }: { readonly third: FullAddress; readonly now: number }
): OpenedRequest {
  try {
    const signed = openSigned('audit', bytes, MAX_AUDIT_REQUEST_BYTES)
    const request = readBody(signed.body)

    if (!signed.verify(ed25519Spki(request.auditor.libp2pKey))) {
      throw new InvalidAuditRequestError('it is not signed by the node that it names')
    }
    if (formatAddress(request.third) !== formatAddress(third)) {
      throw new InvalidAuditRequestError('it is meant for another node')
    }
    if (Math.abs(request.issued - now) > CLOCK_TOLERANCE) {
      throw new InvalidAuditRequestError('it is of another day, or a clock is wrong')
    }
    if (request.auditor.expires + CLOCK_TOLERANCE < now) {
      throw new InvalidAuditRequestError('the record of who asks has expired')
    }

    return request
  } catch (error) {
    if (error instanceof InvalidAuditRequestError) throw error
    throw new InvalidAuditRequestError(errorMessage(error), { cause: error })
  }
}

function readBody(body: unknown): OpenedRequest {
  const fields: Record<string, unknown> = { ...(typeof body === 'object' ? body : {}) }
  const { site, mirror, third, issued, auditor } = fields
  const blocks = readBlocks(fields['blocks'])
  const documents = readDocuments(fields['documents'])

  if (
    typeof site !== 'string' ||
    typeof mirror !== 'string' ||
    typeof third !== 'string' ||
    typeof issued !== 'number' ||
    !Number.isSafeInteger(issued) ||
    !(auditor instanceof Uint8Array)
  ) {
    throw malformed()
  }
  if (blocks.length + documents.length === 0) {
    throw new InvalidAuditRequestError('it names nothing that is to be asked for')
  }

  return {
    site: parseFullAddress(site),
    mirror: parseFullAddress(mirror),
    third: parseFullAddress(third),
    blocks,
    documents,
    issued,
    auditor: openNodeRecord(auditor)
  }
}

function readBlocks(value: unknown): CID[] {
  const cids = Array.isArray(value) ? value.map(one => CID.asCID(one)) : []
  const known = cids.filter(cid => cid != null && cid.version === 1 && isReadable(cid))

  if (known.length > MAX_CHALLENGES || known.length !== cids.length) {
    throw new InvalidAuditRequestError(
      `it names what are no blocks, or more than ${MAX_CHALLENGES}`
    )
  }

  return known.filter(cid => cid != null)
}

function readDocuments(value: unknown): DocumentAsked[] {
  if (!Array.isArray(value) || value.length > MAX_DOCUMENTS) throw malformed()

  return value.map(readDocument)
}

function readDocument(value: unknown): DocumentAsked {
  const [path, start, end, ...others]: unknown[] = Array.isArray(value) ? value : []

  if (!Array.isArray(path) || path.length === 0 || !path.every(isName)) throw malformed()
  if (path.join('/').length > MAX_DOCUMENT_PATH || others.length > 0) throw malformed()
  if (start === undefined) return { path }
  if (!isOffset(start) || !isOffset(end) || end <= start || end - start > MAX_DOCUMENT_BYTES) {
    throw malformed()
  }

  return { path, range: { start, end } }
}

/** One that leads to another document than it names would make an audit a request to anywhere on the mirror. */
function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    isPublicName(value) &&
    nameFault(value) == null &&
    value.isWellFormed()
  )
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function malformed(): InvalidAuditRequestError {
  return new InvalidAuditRequestError('it is not of the form that it should have')
}
