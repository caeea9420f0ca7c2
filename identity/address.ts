import { createHash } from 'node:crypto'
import { toString } from 'uint8arrays'
import { InvalidAddressError } from './errors.ts'
import type { NodeUuid } from './uuid.ts'
import { parseUuid } from './uuid.ts'

/** The first 130 bits of a key hash in lower-case base32, 26 characters. */
export type AddressFingerprint = string & { readonly brand: 'AddressFingerprint' }

/** Names a node; without `fp` anyone may claim it. */
export interface NodeAddress {
  readonly uuid: NodeUuid
  readonly fp?: AddressFingerprint
}

/** Names a node and the key that proves it. */
export interface FullAddress {
  readonly uuid: NodeUuid
  readonly fp: AddressFingerprint
}

/** 26 characters of 5 bits, so that `<uuid>-<fp>` fills one DNS label of 63 exactly. */
const FP_LENGTH = 26

const UUID_LENGTH = 36

const FP_FORM = /^[a-z2-7]{26}$/

/**
 * The node that `<uuid>`, `<uuid>.<fp>` or the label `<uuid>-<fp>` names, in any case.
 *
 * @throws {InvalidAddressError}
 */
export function parseAddress(text: string): NodeAddress {
  const uuid = readUuid(text)
  if (text.length === UUID_LENGTH) return { uuid }

  const separator = text[UUID_LENGTH]
  const fp = text.slice(UUID_LENGTH + 1).toLowerCase()
  if ((separator !== '.' && separator !== '-') || !isAddressFingerprint(fp)) {
    throw new InvalidAddressError(text)
  }

  return { uuid, fp }
}

/**
 * As `parseAddress`, where the key must be named too.
 *
 * @throws {InvalidAddressError}
 */
export function parseFullAddress(text: string): FullAddress {
  const { uuid, fp } = parseAddress(text)

  if (fp == null) throw new InvalidAddressError(text)

  return { uuid, fp }
}

/** As `parseFullAddress`; nothing where `text` is none. */
export function readFullAddress(text: string): FullAddress | undefined {
  try {
    const { uuid, fp } = parseAddress(text)

    return fp == null ? undefined : { uuid, fp }
  } catch {
    return undefined
  }
}

/** `<uuid>` or `<uuid>.<fp>`. */
export function formatAddress({ uuid, fp }: NodeAddress): string {
  return fp == null ? uuid : `${uuid}.${fp}`
}

/** `<uuid>` or `<uuid>-<fp>`, one DNS label. */
export function formatLabel({ uuid, fp }: NodeAddress): string {
  return fp == null ? uuid : `${uuid}-${fp}`
}

/** SHA-256 over a SubjectPublicKeyInfo in DER, 32 bytes; it survives a re-issued certificate. */
export function keyHashOf(spki: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(spki).digest())
}

/** The part of a key hash that stands in a full address. */
export function addressFingerprint(keyHash: Uint8Array): AddressFingerprint {
  const fp = toString(keyHash, 'base32').slice(0, FP_LENGTH)
  if (!isAddressFingerprint(fp)) throw new RangeError('a key hash has at least 17 bytes')

  return fp
}

function readUuid(text: string): NodeUuid {
  try {
    return parseUuid(text.slice(0, UUID_LENGTH))
  } catch {
    throw new InvalidAddressError(text)
  }
}

function isAddressFingerprint(text: string): text is AddressFingerprint {
  return FP_FORM.test(text)
}
