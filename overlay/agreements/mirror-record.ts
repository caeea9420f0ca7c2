import {
  CLOCK_TOLERANCE,
  heldAt,
  MAX_NODE_RECORD_BYTES,
  openNodeRecord,
  type VerifiedRecord
} from '../../discovery/index.ts'
import {
  ed25519Spki,
  errorMessage,
  formatAddress,
  openSigned,
  parseFullAddress,
  signBody,
  type FullAddress
} from '../../identity/index.ts'
import type { Standing } from './agreement.ts'
import { MAX_TTL, MAX_URIS } from './bounds.ts'
import { InvalidMirrorRecordError } from './errors.ts'
import { isMirrorUri } from './mirror-uri.ts'

/** The largest mirror record that is read, in bytes: the node record in it at its bound, and its URIs. */
export const MAX_MIRROR_RECORD_BYTES = MAX_NODE_RECORD_BYTES + 3072

/** In characters: a CID in any base. */
const MAX_ROOT_LENGTH = 128

/** What a mirror says of one site that it serves; times are ms since the epoch, sizes bytes. Without URIs the site is not mirrored any more, or only over libp2p. */
export interface MirrorRecord extends Standing {
  readonly site: FullAddress
  readonly issued: number
  /** It has ended. */
  readonly isWithdrawn: boolean
}

/** A record whose chain holds: the node's address names the authority, which named the libp2p key, which signed it. */
export interface VerifiedMirror extends MirrorRecord {
  /** Who says so. */
  readonly address: FullAddress
  readonly node: VerifiedRecord
  /** As signed: to be passed on unchanged. */
  readonly signed: Uint8Array
}

/** The record as bytes that prove themselves, with the signed record of its node. */
export function signMirrorRecord(
  record: MirrorRecord,
  node: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const { site, uris, ...rest } = record

  return withinBound(
    signBody('mirror', { ...rest, uris: [...uris], site: formatAddress(site), node }, sign)
  )
}

/**
 * The record in `bytes`, its shape, signatures and times checked.
 *
 * @throws {InvalidMirrorRecordError}
 */
export function openMirrorRecord(bytes: Uint8Array, now: number): VerifiedMirror {
  withinBound(bytes)

  try {
    const signed = openSigned('mirror', bytes, MAX_MIRROR_RECORD_BYTES)
    const { nodeBytes, ...record } = readBody(signed.body)
    const node = openNodeRecord(nodeBytes)

    if (!signed.verify(ed25519Spki(node.libp2pKey))) {
      throw new InvalidMirrorRecordError('it is not signed by the key that its node record names')
    }
    checkTimes(record, node, now)

    return { ...record, address: node.address, node, signed: bytes }
  } catch (error) {
    if (error instanceof InvalidMirrorRecordError) throw error
    throw new InvalidMirrorRecordError(errorMessage(error), { cause: error })
  }
}

function withinBound(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_MIRROR_RECORD_BYTES) return bytes

  throw new InvalidMirrorRecordError(
    `it has ${bytes.length} bytes, and ${MAX_MIRROR_RECORD_BYTES} are allowed`
  )
}

function readBody(body: unknown): MirrorRecord & { readonly nodeBytes: Uint8Array } {
  if (typeof body !== 'object' || body == null || Array.isArray(body)) throw malformed('body')

  const fields: Record<string, unknown> = { ...body }
  const { site, node, uris, root, isWithdrawn } = fields

  if (typeof site !== 'string') throw malformed('site')
  if (!(node instanceof Uint8Array)) throw malformed('node')
  if (typeof root !== 'string' || root.length > MAX_ROOT_LENGTH) throw malformed('root')
  if (typeof isWithdrawn !== 'boolean') throw malformed('isWithdrawn')
  if (!Array.isArray(uris) || uris.length > MAX_URIS) throw malformed('uris')

  return {
    site: parseFullAddress(site),
    uris: uris.map(readUri),
    root,
    isWithdrawn,
    seq: integer(fields, 'seq'),
    bytes: integer(fields, 'bytes'),
    quota: integer(fields, 'quota'),
    served: integer(fields, 'served'),
    issued: integer(fields, 'issued'),
    expires: integer(fields, 'expires'),
    nodeBytes: node
  }
}

function readUri(uri: unknown): string {
  if (typeof uri !== 'string' || !isMirrorUri(uri)) throw malformed('uris')

  return uri
}

function integer(fields: Record<string, unknown>, key: string): number {
  const value = fields[key]

  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(key)

  return value
}

function checkTimes({ issued, expires }: MirrorRecord, node: VerifiedRecord, now: number): void {
  if (expires <= issued || expires - issued > MAX_TTL) throw malformed('expires')
  if (issued > now + CLOCK_TOLERANCE) {
    throw new InvalidMirrorRecordError('it comes from the future: one of two clocks is wrong')
  }
  if (expires <= now) throw new InvalidMirrorRecordError('it has expired')
  if (!heldAt(node, issued)) {
    throw new InvalidMirrorRecordError('the node record in it did not hold when it was issued')
  }
}

function malformed(key: string): InvalidMirrorRecordError {
  return new InvalidMirrorRecordError(`its "${key}" is missing or out of bounds`)
}
