import { hash, X509Certificate } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { equals } from 'uint8arrays'
import { keyHashOf } from '../address.ts'
import { InvalidCertificateError } from '../errors.ts'
import { MAX_RSA_BITS, MIN_RSA_BITS, isAcceptedRsaKey } from '../rsa.ts'
import type { NodeUuid } from '../uuid.ts'
import { parseUuid } from '../uuid.ts'
import { readCertificateNames } from './certificate-names.ts'

/** What the certificate of a node's authority says. */
export interface AuthorityCertificate {
  readonly uuid: NodeUuid
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array
  /** SHA-256 over `spki`. */
  readonly keyHash: Uint8Array
  /** Milliseconds since 1970; the caller compares them with its clock. */
  readonly notBefore: number
  readonly notAfter: number
}

/** An authority certificate of an 8192-bit key takes 2.7 KB. */
export const MAX_CERTIFICATE_BYTES = 4096

/** What OpenSSL calls RSA signatures over SHA-2; MD5 and SHA-1 can be forged. */
const SIGNATURE_ALGORITHMS = new Set([
  'sha256WithRSAEncryption',
  'sha384WithRSAEncryption',
  'sha512WithRSAEncryption'
])

/** Certificates that were read lately: each statement and record of a node comes with the same one, and reading it takes a third of a millisecond. */
const MAX_REMEMBERED = 512

const remembered = new LRUCache<string, AuthorityCertificate>({ max: MAX_REMEMBERED })

/**
 * The certificate of a node's authority in DER: self-signed, a CA, its common name a UUID that is also its only URI name.
 * Dates are reported and not judged.
 *
 * @throws {InvalidCertificateError}
 */
export function readAuthorityCertificate(der: Uint8Array): AuthorityCertificate {
  const name = hash('sha256', der, 'base64')
  const known = remembered.get(name) ?? read(der)

  remembered.set(name, known)

  return known
}

function read(der: Uint8Array): AuthorityCertificate {
  const certificate = parse(der)
  const key = certificate.publicKey
  refuseUnless(
    isAcceptedRsaKey(key),
    `its key is not RSA of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`
  )
  refuseUnless(
    SIGNATURE_ALGORITHMS.has(certificate.signatureAlgorithm ?? ''),
    'it is not signed with RSA over SHA-2'
  )
  refuseUnless(certificate.ca, 'it is not that of an authority (CA:TRUE)')
  const uuid = readUuid(der)
  refuseUnless(certificate.verify(key), 'its own key did not sign it')
  const spki = new Uint8Array(key.export({ type: 'spki', format: 'der' }))

  return {
    uuid,
    spki,
    keyHash: keyHashOf(spki),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime()
  }
}

function parse(der: Uint8Array): X509Certificate {
  refuseUnless(
    der.byteLength <= MAX_CERTIFICATE_BYTES,
    `${der.byteLength} bytes are more than ${MAX_CERTIFICATE_BYTES}`
  )
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(der)
    // The key is only decoded here, and may be of a kind that OpenSSL does not know.
    void certificate.publicKey.type
  } catch (cause) {
    throw new InvalidCertificateError('it is not an X.509 certificate in DER', { cause })
  }
  refuseUnless(equals(certificate.raw, der), 'it is not plain DER, or bytes follow it')

  return certificate
}

function readUuid(der: Uint8Array): NodeUuid {
  try {
    const { selfIssued, commonNames, uris } = readCertificateNames(der)
    const [commonName = '', ...others] = commonNames
    const uuid = parseUuid(commonName)
    if (others.length > 0 || commonName !== uuid) throw new TypeError('more than one common name')
    refuseUnless(selfIssued, 'issuer and subject differ')
    refuseUnless(
      uris.length === 1 && uris[0] === `urn:uuid:${uuid}`,
      `its alternative name is not urn:uuid:${uuid}`
    )

    return uuid
  } catch (cause) {
    if (cause instanceof InvalidCertificateError) throw cause
    throw new InvalidCertificateError('its common name is not one UUID', { cause })
  }
}

function refuseUnless(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new InvalidCertificateError(reason)
}
