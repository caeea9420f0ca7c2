import type { FullAddress } from './address.ts'
import { addressFingerprint } from './address.ts'
import type { Fingerprint } from './fingerprint.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { NodeUuid } from './uuid.ts'
import { readAuthorityCertificate } from './x509/authority-certificate.ts'
import { certificatePem } from './x509/certificate.ts'

/** All that a node needs to run, without its passphrase. */
export interface Identity {
  readonly uuid: NodeUuid
  readonly address: FullAddress
  /** The authority certificate in DER. */
  readonly certificate: Uint8Array
  readonly certificatePem: string
  /** SHA-256 over the SubjectPublicKeyInfo of the authority. */
  readonly keyHash: Uint8Array
  /** Over the authority certificate. */
  readonly fingerprints: { readonly sha1: Fingerprint; readonly sha256: Fingerprint }
  readonly libp2pKey: Libp2pKey
  readonly tls: TlsMaterial
}

/** An Ed25519 key, RFC 8032. */
export interface Libp2pKey {
  /** The private key, 32 bytes. */
  readonly seed: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** What a TLS server or client needs. */
export interface TlsMaterial {
  /** Private key, PKCS#8 PEM. */
  readonly key: string
  /** PEM, the TLS certificate and then the authority's. */
  readonly cert: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** Hosts and IP addresses that the certificate is good for, in canonical form. */
  readonly names: string[]
}

/**
 * The part of an identity that its authority certificate in DER tells.
 *
 * @throws {InvalidCertificateError}
 */
export function describeAuthority(certificate: Uint8Array): Omit<Identity, 'libp2pKey' | 'tls'> {
  const { uuid, keyHash } = readAuthorityCertificate(certificate)

  return {
    uuid,
    address: { uuid, fp: addressFingerprint(keyHash) },
    certificate,
    certificatePem: certificatePem(certificate),
    keyHash,
    fingerprints: {
      sha1: fingerprintOf(certificate, 'sha1'),
      sha256: fingerprintOf(certificate, 'sha256')
    }
  }
}
