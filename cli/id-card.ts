import type { NodeCard } from '../http-gateway/control/index.ts'
import { formatAddress, formatFingerprint, type Identity } from '../identity/index.ts'

export function describeIdentity(identity: Identity): NodeCard {
  const { uuid, address, fingerprints, certificatePem } = identity

  return {
    uuid,
    address: formatAddress(address),
    fingerprints: {
      sha1: formatFingerprint(fingerprints.sha1),
      sha256: formatFingerprint(fingerprints.sha256)
    },
    certificate: certificatePem
  }
}

/** Fingerprints as the specification prints them, to be read aloud. */
export function identityText({ uuid, address, fingerprints }: NodeCard): string {
  return [`UUID     ${uuid}`, `Address  ${address}`, fingerprints.sha256, fingerprints.sha1].join(
    '\n'
  )
}
