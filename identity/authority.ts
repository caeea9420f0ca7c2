import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'
import type { FullAddress } from './address.ts'
import { addressFingerprint } from './address.ts'
import type { NodeUuid } from './uuid.ts'
import { readAuthorityCertificate } from './x509/authority-certificate.ts'
import type { Names } from './x509/canonical-names.ts'
import { canonicalNames } from './x509/canonical-names.ts'
import * as x509 from './x509/certificate.ts'
import { OID } from './x509/oids.ts'

/** A node's authority with its private key at hand. */
export interface Authority {
  readonly uuid: NodeUuid
  /** DER. */
  readonly certificate: Uint8Array
  readonly keyHash: Uint8Array
  readonly address: FullAddress
  /** RSASSA-PKCS1-v1_5 with SHA-256; the signature that `openSigned` verifies. */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** A certificate for the TLS server and client of the node, PEM. */
  readonly issueTls: (request: TlsRequest) => string
  /** A certificate by which the owner's browser is known, PEM. */
  readonly issueClient: (request: CertificateRequest) => string
}

export interface CertificateRequest {
  /** SubjectPublicKeyInfo in DER, of any kind of key. */
  spki: Uint8Array
  /** 16 bytes of chance. */
  serial: Uint8Array
  /** Milliseconds since 1970. */
  now: number
}

export interface TlsRequest extends CertificateRequest, Names {}

const DAY = 86_400_000

/** RFC 5280 leaves it open; long, as friends keep the fingerprint on paper. */
const AUTHORITY_DAYS = 3652

/** Short enough that a stolen TLS key is of no use for long, and renewed at two thirds. */
const TLS_DAYS = 90

const CLIENT_DAYS = 365

/** A reader whose clock is a day behind takes a certificate that is two days old. */
const CLOCK_SKEW_DAYS = 2

/** The self-signed certificate of a new authority, in DER. */
export function issueAuthority(
  key: KeyObject,
  { uuid, ...request }: CertificateRequest & { uuid: NodeUuid }
): Uint8Array {
  const name = x509.nodeName(uuid)

  return x509.buildCertificate(
    {
      ...request,
      ...validity(request.now, AUTHORITY_DAYS),
      issuer: name,
      subject: name,
      extensions: [
        x509.basicConstraints(true),
        x509.keyUsage(x509.KEY_USAGE.keyCertSign | x509.KEY_USAGE.crlSign),
        x509.subjectKeyIdentifier(request.spki),
        x509.subjectAltName(uuid)
      ]
    },
    message => signWith(key, message)
  )
}

/**
 * The authority of a private key and its certificate in DER.
 *
 * @throws {InvalidCertificateError}
 */
export function createAuthority(key: KeyObject, certificate: Uint8Array): Authority {
  const { uuid, spki, keyHash, notAfter } = readAuthorityCertificate(certificate)
  const issue = (unit: string, days: number, request: CertificateRequest, purpose: Purpose) =>
    x509.buildCertificate(
      {
        ...request,
        ...validity(request.now, days, notAfter),
        issuer: x509.nodeName(uuid),
        subject: x509.nodeName(uuid, unit),
        extensions: [
          x509.basicConstraints(false),
          x509.keyUsage(x509.KEY_USAGE.digitalSignature),
          x509.extKeyUsage(...purpose.usages),
          x509.subjectKeyIdentifier(request.spki),
          x509.authorityKeyIdentifier(spki),
          x509.subjectAltName(uuid, purpose)
        ]
      },
      message => signWith(key, message)
    )

  return {
    uuid,
    certificate,
    keyHash,
    address: { uuid, fp: addressFingerprint(keyHash) },
    sign: message => signWith(key, message),
    issueTls: request =>
      x509.certificatePem(
        issue('tls', TLS_DAYS, request, {
          usages: [OID.serverAuth, OID.clientAuth],
          ...canonicalNames(request)
        })
      ),
    issueClient: request =>
      x509.certificatePem(issue('owner', CLIENT_DAYS, request, { usages: [OID.clientAuth] }))
  }
}

interface Purpose extends Partial<Names> {
  usages: string[]
}

function signWith(key: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, key))
}

function validity(
  now: number,
  days: number,
  latest = Infinity
): { notBefore: number; notAfter: number } {
  return {
    notBefore: now - CLOCK_SKEW_DAYS * DAY,
    notAfter: Math.min(now + days * DAY, latest)
  }
}
