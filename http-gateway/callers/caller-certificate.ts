import { X509Certificate } from 'node:crypto'
import {
  addressFingerprint,
  readAuthorityCertificate,
  type FullAddress
} from '../../identity/index.ts'

/** A node that has proved its key, and until when its certificate holds. */
export interface ProvenCaller {
  readonly address: FullAddress
  /** ms since the epoch */
  readonly notBefore: number
  readonly notAfter: number
}

// RFC 5280 section 4.2.1.12.
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'

// A node's own; the certificate of its owner's browser is no node's.
const NODE_UNIT = 'OU=tls'

/**
 * Whose certificate a client has shown, by the authority that came with it: both in DER. Whether that authority is known is another's
 * question, as whether the certificate has expired.
 */
export function readCallerCertificate(
  leaf: Uint8Array,
  issuer: Uint8Array
): ProvenCaller | undefined {
  try {
    const { uuid, keyHash } = readAuthorityCertificate(issuer)
    const [shown, authority] = [new X509Certificate(leaf), new X509Certificate(issuer)]

    return isOf(shown, authority, uuid)
      ? {
          address: { uuid, fp: addressFingerprint(keyHash) },
          notBefore: Date.parse(shown.validFrom),
          notAfter: Date.parse(shown.validTo)
        }
      : undefined
  } catch {
    // Not what nodes have.
    return undefined
  }
}

function isOf(shown: X509Certificate, authority: X509Certificate, uuid: string): boolean {
  return (
    !shown.ca &&
    shown.checkIssued(authority) &&
    shown.verify(authority.publicKey) &&
    shown.subject.split('\n').includes(NODE_UNIT) &&
    (shown.keyUsage ?? []).includes(CLIENT_AUTHENTICATION) &&
    shown.subjectAltName?.split(', ').includes(`URI:urn:uuid:${uuid}`) === true
  )
}
