import type { FullAddress } from './address.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { NodeUuid } from './uuid.ts'

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
