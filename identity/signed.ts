import type { KeyObject } from 'node:crypto'
import { createPublicKey, verify } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import { concat, equals, fromString } from 'uint8arrays'
import { InvalidSignedError } from './errors.ts'
import { isAcceptedRsaKey } from './rsa.ts'

/** What a signed statement says, and the test that a key signed it. */
export interface Signed {
  readonly body: unknown
  /** Whether the key of this SubjectPublicKeyInfo (DER; RSA or Ed25519) signed the body. */
  verify(spki: Uint8Array): boolean
}

/**
 * A canonical DAG-CBOR envelope `{ body: bytes, signature: bytes }`. The signature is over `plexnet/<kind>/1`, a zero byte and the
 * body, so that no statement passes for one of another kind.
 */
export function signBody(
  kind: string,
  body: unknown,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const bytes = encode(body)

  return encode({ body: bytes, signature: sign(messageOf(kind, bytes)) })
}

/**
 * The statement in an envelope, not yet verified; bytes beyond `maxBytes` are refused before they are parsed.
 *
 * @throws {InvalidSignedError}
 */
export function openSigned(kind: string, bytes: Uint8Array, maxBytes: number): Signed {
  if (bytes.byteLength > maxBytes) {
    throw new InvalidSignedError(kind, `${bytes.byteLength} bytes are more than ${maxBytes}`)
  }
  const envelope = decodeCanonical(kind, bytes)
  if (!isEnvelope(envelope)) {
    throw new InvalidSignedError(kind, 'it is not a map of body and signature, both bytes')
  }
  const { body, signature } = envelope

  return {
    body: decodeCanonical(kind, body),
    verify: spki => verifySignature(spki, messageOf(kind, body), signature)
  }
}

interface Envelope {
  body: Uint8Array
  signature: Uint8Array
}

function messageOf(kind: string, body: Uint8Array): Uint8Array {
  if (!/^[a-z][a-z-]*$/.test(kind)) throw new RangeError(`${kind} is no kind of statement`)

  return concat([fromString(`plexnet/${kind}/1\0`), body])
}

/** One value has one encoding, or the same statement could be stored under many hashes. */
function decodeCanonical(kind: string, bytes: Uint8Array): unknown {
  let value: unknown
  let again: Uint8Array
  try {
    value = decode(bytes)
    again = encode(value)
  } catch (cause) {
    throw new InvalidSignedError(kind, 'it is not DAG-CBOR', { cause })
  }
  if (!equals(again, bytes)) throw new InvalidSignedError(kind, 'it is not canonical DAG-CBOR')

  return value
}

function isEnvelope(value: unknown): value is Envelope {
  return (
    typeof value === 'object' &&
    value != null &&
    Object.keys(value).length === 2 &&
    'body' in value &&
    value.body instanceof Uint8Array &&
    'signature' in value &&
    value.signature instanceof Uint8Array
  )
}

function verifySignature(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })

    return verifyWith(key, message, signature)
  } catch {
    return false
  }
}

function verifyWith(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, message, key, signature)

  return isAcceptedRsaKey(key) && verify('sha256', message, key, signature)
}
