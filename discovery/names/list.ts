import { decode, encode } from '@ipld/dag-cbor'
import { equals } from 'uint8arrays'
import { hash } from 'node:crypto'
import {
  ed25519Spki,
  errorMessage,
  formatAddress,
  openSigned,
  parseUuid,
  signBody,
  type FullAddress,
  type NodeUuid
} from '../../identity/index.ts'
import {
  encodeNames,
  MAX_NAMES_BYTES,
  readNames,
  type NameBook
} from '../../identity/names/index.ts'
import { CLOCK_TOLERANCE, heldAt, MAX_NODE_RECORD_BYTES, openNodeRecord } from '../node-record.ts'
import { InvalidNameListError } from './errors.ts'

/** The largest head of a list that is read, in bytes: the node record in it at its bound, and twice what the rest needs. */
export const MAX_NAME_HEAD_BYTES = MAX_NODE_RECORD_BYTES + 512

/** The largest list that is read, in bytes. */
export const MAX_NAME_LIST_BYTES = MAX_NAMES_BYTES + MAX_NAME_HEAD_BYTES + 64

/** A list counts for so long after it was signed, in ms: who is away longer has no names for others. */
export const NAME_LIST_LIFETIME = 30 * 24 * 60 * 60 * 1000

/** What a node signs of the names that it publishes: small enough to be announced. Times are ms since the epoch. */
export interface NameHead {
  readonly uuid: NodeUuid
  /** The newer list has the higher. */
  readonly seq: number
  readonly issued: number
  readonly expires: number
  /** SHA-256 over the names. */
  readonly digest: Uint8Array
}

/** A head whose chain holds: the address names the authority, which named the libp2p key, which signed it. */
export interface VerifiedHead extends NameHead {
  readonly address: FullAddress
}

export interface VerifiedNames extends VerifiedHead {
  readonly book: NameBook
  /** As signed: to be kept and passed on unchanged. */
  readonly bytes: Uint8Array
}

export interface SignListOptions {
  readonly uuid: NodeUuid
  readonly seq: number
  readonly now: number
  /** The node's own signed record. */
  readonly node: Uint8Array
  /** By the node's libp2p key, which needs no passphrase. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** A list that proves itself wherever it comes from, and its head. */
export function signNameList(
  book: NameBook,
  { uuid, seq, now, node, sign }: SignListOptions
): { readonly head: Uint8Array; readonly bytes: Uint8Array } {
  const names = encodeNames(book)
  const body = {
    uuid,
    seq,
    issued: now,
    expires: now + NAME_LIST_LIFETIME,
    digest: digestOf(names),
    node
  }
  const head = signBody('names', body, sign)

  return { head, bytes: encode({ head, names }) }
}

/**
 * The head in `bytes`, its signatures and its times at `now` checked.
 *
 * @throws {InvalidNameListError}
 */
export function openNameHead(bytes: Uint8Array, now: number): VerifiedHead {
  if (bytes.length > MAX_NAME_HEAD_BYTES) throw new InvalidNameListError('its head is too large')

  try {
    const signed = openSigned('names', bytes, MAX_NAME_HEAD_BYTES)
    const { node: nodeBytes, ...head } = readHead(signed.body)
    const node = openNodeRecord(nodeBytes)

    refuseUnless(head.uuid === node.uuid, 'another node’s record came with it')
    refuseUnless(signed.verify(ed25519Spki(node.libp2pKey)), 'its node did not sign it')
    // The end of the record limits its addresses, not its binding: a list outlives it, but is signed while it holds.
    refuseUnless(
      heldAt(node, head.issued),
      'it was signed while the record that came with it was not valid'
    )
    refuseUnless(
      head.expires > head.issued && head.expires - head.issued <= NAME_LIST_LIFETIME,
      'it counts for too long'
    )
    refuseUnless(head.issued <= now + CLOCK_TOLERANCE, 'it comes from the future')
    refuseUnless(head.expires > now, 'it has expired')

    return { ...head, address: node.address }
  } catch (error) {
    if (error instanceof InvalidNameListError) throw error
    throw new InvalidNameListError(errorMessage(error), { cause: error })
  }
}

/**
 * The list in `bytes`, which must be that of `address`.
 *
 * @throws {InvalidNameListError}
 */
export function openNameList(
  bytes: Uint8Array,
  { address, now }: { readonly address: FullAddress; readonly now: number }
): VerifiedNames {
  refuseUnless(bytes.length <= MAX_NAME_LIST_BYTES, 'it is too large')

  const { head: headBytes, names } = readParts(bytes)
  const head = openNameHead(headBytes, now)

  refuseUnless(
    formatAddress(head.address) === formatAddress(address),
    `it is that of ${formatAddress(head.address)}`
  )
  refuseUnless(equals(digestOf(names), head.digest), 'its names are not those that were signed')

  return { ...head, book: bookIn(names), bytes }
}

function readParts(bytes: Uint8Array): { head: Uint8Array; names: Uint8Array } {
  let value: unknown

  try {
    value = decode(bytes)
  } catch (cause) {
    throw new InvalidNameListError('it is not DAG-CBOR', { cause })
  }

  if (typeof value === 'object' && value != null && 'head' in value && 'names' in value) {
    const { head, names } = value

    if (head instanceof Uint8Array && names instanceof Uint8Array) return { head, names }
  }
  throw new InvalidNameListError('it has no head or no names')
}

function bookIn(names: Uint8Array): NameBook {
  try {
    return readNames(names)
  } catch (cause) {
    throw new InvalidNameListError(errorMessage(cause), { cause })
  }
}

function readHead(body: unknown): NameHead & { readonly node: Uint8Array } {
  refuseUnless(typeof body === 'object' && body != null && !Array.isArray(body), 'it has no body')

  const { uuid, digest, node, ...numbers }: Record<string, unknown> = { ...body }
  const [seq, issued, expires] = [numbers['seq'], numbers['issued'], numbers['expires']]

  refuseUnless(typeof uuid === 'string', 'its "uuid" is missing')
  refuseUnless(digest instanceof Uint8Array, 'its "digest" is missing')
  refuseUnless(node instanceof Uint8Array, 'its "node" is missing')
  refuseUnless(isCount(seq) && isCount(issued) && isCount(expires), 'its numbers are out of bounds')

  return { uuid: parseUuid(uuid), seq, issued, expires, digest, node }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function digestOf(names: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', names, 'buffer'))
}

function refuseUnless(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new InvalidNameListError(reason)
}
