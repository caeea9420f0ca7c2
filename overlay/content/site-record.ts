import { CID } from 'multiformats/cid'
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
  openSigned,
  parseUuid,
  signBody,
  type FullAddress,
  type NodeUuid
} from '../../identity/index.ts'
import { InvalidSiteRecordError } from './errors.ts'

/** The largest site record that is read, in bytes: the node record in it at its bound, and twice what the rest needs. */
export const MAX_SITE_RECORD_BYTES = MAX_NODE_RECORD_BYTES + 768

/** The longest time from issue to expiry that is accepted, in ms: what an author signs once can be replayed for as long. */
export const MAX_SITE_LIFETIME = 366 * 24 * 60 * 60 * 1000

/** The tree that a node publishes; times are ms since the epoch. */
export interface SiteRecord {
  readonly uuid: NodeUuid
  /** Higher replaces lower. */
  readonly seq: number
  /** The folder as a UnixFS directory: CIDv1, dag-pb, SHA-256. */
  readonly root: CID
  readonly issued: number
  readonly expires: number
  /** The root of the record before this one. */
  readonly previous?: CID
}

/** A record whose whole chain holds: the address names the authority, which named the libp2p key, which signed the site. */
export interface VerifiedSite extends SiteRecord {
  readonly address: FullAddress
  /** The node record that binds the libp2p key to the authority; it may have expired since. */
  readonly node: VerifiedRecord
  /** As signed: to be stored and passed on unchanged. */
  readonly bytes: Uint8Array
}

export interface OpenSiteOptions {
  /** Whose site it must be. */
  readonly address?: FullAddress
  /** ms since the epoch */
  readonly now: number
}

const DAG_PB = 0x70
const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/**
 * The record as bytes that prove themselves: with it goes the signed record of its node, so that whoever holds it can
 * check and republish it when the publisher is gone.
 *
 * @throws {InvalidSiteRecordError} where it would be too large to be read
 */
export function signSiteRecord(
  record: SiteRecord,
  node: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const { uuid, seq, root, issued, expires, previous } = record
  const body = { uuid, seq, root, issued, expires, node, ...(previous != null && { previous }) }

  return withinBound(signBody('site', body, sign))
}

/**
 * The record in `bytes`, its shape, its signatures and its times at `now` checked.
 *
 * @throws {InvalidSiteRecordError}
 */
export function openSiteRecord(bytes: Uint8Array, options: OpenSiteOptions): VerifiedSite {
  const site = verifySiteRecord(bytes, options.address)

  checkTimes(site, options.now)

  return site
}

/**
 * The same, but it may have expired since, or come from the future: for what was kept.
 *
 * @throws {InvalidSiteRecordError}
 */
export function verifySiteRecord(bytes: Uint8Array, address?: FullAddress): VerifiedSite {
  withinBound(bytes)

  const signed = as('malformed', () => openSigned('site', bytes, MAX_SITE_RECORD_BYTES))
  const { nodeBytes, ...record } = as('malformed', () => readBody(signed.body))
  const node = as('bad-node-record', () => openNodeRecord(nodeBytes))

  checkAddress(record, node, address)
  if (!signed.verify(ed25519Spki(node.libp2pKey))) {
    throw new InvalidSiteRecordError(
      'bad-signature',
      'The site record is not signed by the key that its node record names.'
    )
  }
  checkBinding(record, node)

  return { ...record, address: node.address, node, bytes }
}

function withinBound(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_SITE_RECORD_BYTES) return bytes

  throw new InvalidSiteRecordError(
    'too-large',
    `A site record of ${bytes.length} bytes was refused; ${MAX_SITE_RECORD_BYTES} are allowed.`
  )
}

function readBody(body: unknown): SiteRecord & { nodeBytes: Uint8Array } {
  if (typeof body !== 'object' || body == null || Array.isArray(body)) throw malformed('body')

  const fields: Record<string, unknown> = { ...body }
  const { uuid, node, previous } = fields

  if (typeof uuid !== 'string') throw malformed('uuid')
  if (!(node instanceof Uint8Array)) throw malformed('node')

  return {
    uuid: parseUuid(uuid),
    seq: integer(fields, 'seq'),
    root: rootCid(fields, 'root'),
    issued: integer(fields, 'issued'),
    expires: integer(fields, 'expires'),
    ...(previous != null && { previous: rootCid(fields, 'previous') }),
    nodeBytes: node
  }
}

function integer(fields: Record<string, unknown>, key: string): number {
  const value = fields[key]

  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(key)

  return value
}

/** One kind of CID, so that one tree has one name. */
function rootCid(fields: Record<string, unknown>, key: string): CID {
  const cid = CID.asCID(fields[key])

  if (
    cid?.version !== 1 ||
    cid.code !== DAG_PB ||
    cid.multihash.code !== SHA2_256 ||
    cid.multihash.digest.length !== SHA2_256_BYTES
  ) {
    throw malformed(key)
  }

  return cid
}

function checkAddress(record: SiteRecord, node: VerifiedRecord, address?: FullAddress): void {
  if (record.uuid !== node.uuid) {
    throw new InvalidSiteRecordError(
      'wrong-uuid',
      `The site record is for ${record.uuid} and carries the node record of ${node.uuid}.`
    )
  }
  if (address == null) return
  if (node.uuid !== address.uuid || node.address.fp !== address.fp) {
    throw new InvalidSiteRecordError(
      'wrong-address',
      `The site record is for ${node.uuid}.${node.address.fp}, not for ${address.uuid}.${address.fp}.`
    )
  }
}

/**
 * The expiry of the node record limits its addresses, not its binding: a site outlives it, but is signed while it holds.
 */
function checkBinding({ issued, expires }: SiteRecord, node: VerifiedRecord): void {
  if (expires <= issued || expires - issued > MAX_SITE_LIFETIME) throw malformed('expires')

  if (!heldAt(node, issued)) {
    throw new InvalidSiteRecordError(
      'outside-node-record',
      'The site record was issued while the node record that it carries was not valid.'
    )
  }
}

function checkTimes({ issued, expires }: SiteRecord, now: number): void {
  if (issued > now + CLOCK_TOLERANCE) {
    throw new InvalidSiteRecordError(
      'not-yet-valid',
      `The site record was issued ${hours(issued - now)} h in the future: the clock of its node, or the clock here, is wrong.`
    )
  }
  if (expires <= now) {
    throw new InvalidSiteRecordError(
      'expired',
      `The site record expired ${hours(now - expires)} h ago by the clock of this machine.`
    )
  }
}

function malformed(key: string): InvalidSiteRecordError {
  return new InvalidSiteRecordError(
    'malformed',
    `The site record's "${key}" is missing or out of bounds.`
  )
}

function as<T>(reason: 'malformed' | 'bad-node-record', read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof InvalidSiteRecordError) throw error
    throw new InvalidSiteRecordError(
      reason,
      `The site record cannot be read: ${errorMessage(error)}`,
      { cause: error }
    )
  }
}

function hours(milliseconds: number): string {
  return (milliseconds / 3_600_000).toFixed(1)
}
