import {
  addressFingerprint,
  openSigned,
  parseUuid,
  readAuthorityCertificate,
  signBody
} from '../identity/index.ts'
import { readCoordinate, roundCoordinate } from './coordinates/coordinate.ts'
import { endSeq, readSuccession, successionFields, SUCCEEDED_SEQ } from './succession/fields.ts'
import { RecordError } from './errors.ts'
import type { NodeRecord, VerifiedRecord } from './record.ts'

/** The largest node record that is read, in bytes: a certificate of RSA 8192 and every list at its bound. */
export const MAX_NODE_RECORD_BYTES = 8192
export const MAX_MULTIADDRS = 16
export const MAX_ENDPOINTS = 16
export const MAX_CAPABILITIES = 16
export const MAX_RECORD_TEXT = 256

/** How far ahead of this clock a record may have been issued, in ms: a clock wrong by a day is a fault, not an attack. */
export const CLOCK_TOLERANCE = 25 * 60 * 60 * 1000

/** The longest time from issue to expiry that is accepted, in ms. */
export const MAX_RECORD_LIFETIME = 30 * 24 * 60 * 60 * 1000

/** And of a key's last record, in ms. */
const MAX_END_LIFETIME = 20 * 365 * 24 * 60 * 60 * 1000

export function encodeNodeRecord(
  { coordinate, end, predecessors, ...record }: NodeRecord,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const place = coordinate == null ? {} : { coordinate: roundCoordinate(coordinate) }
  const succession = successionFields({
    ...(end == null ? {} : { end }),
    ...(predecessors == null ? {} : { predecessors })
  })
  const bytes = signBody('node', { ...record, ...place, ...succession }, sign)

  if (bytes.length > MAX_NODE_RECORD_BYTES) {
    throw new RecordError(
      'too-large',
      `The node record has ${bytes.length} bytes; ${MAX_NODE_RECORD_BYTES} are allowed.`
    )
  }

  return bytes
}

/**
 * The record in `bytes`, its shape, limits and signature checked; its times are `checkTimes`' part.
 *
 * @throws {RecordError}
 */
export function openNodeRecord(bytes: Uint8Array): VerifiedRecord {
  if (bytes.length > MAX_NODE_RECORD_BYTES) {
    throw new RecordError(
      'too-large',
      `A node record of ${bytes.length} bytes was refused; ${MAX_NODE_RECORD_BYTES} are allowed.`
    )
  }

  const signed = asRecordError(() => openSigned('node', bytes, MAX_NODE_RECORD_BYTES))
  const record = asRecordError(() => readBody(signed.body))
  const authority = asRecordError(() => readAuthorityCertificate(record.certificate))

  if (!signed.verify(authority.spki)) {
    throw new RecordError('bad-signature', 'The record is not signed by the key that it carries.')
  }

  if (authority.uuid !== record.uuid) {
    throw new RecordError(
      'wrong-uuid',
      `The record is for ${record.uuid} and carries the certificate of ${authority.uuid}.`
    )
  }

  return {
    ...record,
    keyHash: authority.keyHash,
    address: { uuid: record.uuid, fp: addressFingerprint(authority.keyHash) },
    bytes
  }
}

/** Whether a node's record bound its keys at a time, by clocks that may be wrong; the record may have expired since. */
export function heldAt({ issued, expires }: NodeRecord, time: number): boolean {
  return time >= issued - CLOCK_TOLERANCE && time <= expires + CLOCK_TOLERANCE
}

/** @throws {RecordError} where the record has expired or comes from too far in the future */
export function checkTimes(record: NodeRecord, now: number): void {
  if (record.issued > now + CLOCK_TOLERANCE) {
    throw new RecordError(
      'not-yet-valid',
      `The record was issued ${hours(record.issued - now)} h in the future: the clock of its node, or the clock here, is wrong.`
    )
  }

  if (record.expires <= now) {
    throw new RecordError(
      'expired',
      `The record expired ${hours(now - record.expires)} h ago by the clock of this machine.`
    )
  }
}

function readBody(body: unknown): NodeRecord {
  const fields = asMap(body)
  const host = fields['host']
  const issued = integer(fields, 'issued')
  const expires = integer(fields, 'expires')
  // One that is absurd is none: the node is found all the same.
  const coordinate = readCoordinate(fields['coordinate'])
  const succession = readSuccession(fields)
  const seq = integer(fields, 'seq')

  if (succession == null) throw malformed('successor')

  const lastSeq = endSeq(succession.end)
  const longest = lastSeq == null ? MAX_RECORD_LIFETIME : MAX_END_LIFETIME

  if (expires <= issued || expires - issued > longest) throw malformed('expires')
  // Whoever has the key could otherwise keep its end from being told.
  if (lastSeq == null ? seq >= SUCCEEDED_SEQ : seq !== lastSeq) throw malformed('seq')

  return {
    uuid: parseUuid(text(fields['uuid'], 'uuid')),
    certificate: bytesOf(fields, 'certificate'),
    libp2pKey: bytesOf(fields, 'libp2pKey', 32),
    multiaddrs: texts(fields, 'multiaddrs', MAX_MULTIADDRS),
    endpoints: texts(fields, 'endpoints', MAX_ENDPOINTS).map(httpsEndpoint),
    ...(host == null ? {} : { host: text(host, 'host') }),
    seq,
    issued,
    expires,
    capabilities: texts(fields, 'capabilities', MAX_CAPABILITIES),
    ...(coordinate == null ? {} : { coordinate }),
    ...succession
  }
}

function asMap(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body == null || Array.isArray(body)) throw malformed('body')

  return { ...body }
}

function integer(fields: Record<string, unknown>, key: string): number {
  const value = fields[key]

  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(key)

  return value
}

function bytesOf(fields: Record<string, unknown>, key: string, length?: number): Uint8Array {
  const value = fields[key]

  if (!(value instanceof Uint8Array)) throw malformed(key)
  if (length != null && value.length !== length) throw malformed(key)

  return value
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string' || value.length > MAX_RECORD_TEXT) throw malformed(key)

  return value
}

function texts(fields: Record<string, unknown>, key: string, max: number): string[] {
  const value = fields[key]

  if (!Array.isArray(value) || value.length > max) throw malformed(key)

  return value.map(item => text(item, key))
}

/** The origin alone: whatever else a stranger writes into an endpoint is not dialled. */
function httpsEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint)

  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw malformed('endpoints')
  }

  return url.origin
}

function malformed(key: string): RecordError {
  return new RecordError('malformed', `The record's "${key}" is missing or out of bounds.`)
}

function asRecordError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RecordError) throw error
    throw new RecordError(
      'malformed',
      `The record cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error }
    )
  }
}

function hours(milliseconds: number): string {
  return (milliseconds / 3_600_000).toFixed(1)
}
