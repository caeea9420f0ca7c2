import type { KeyObject } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { fromString } from 'uint8arrays'
import { decodePem, encodePem } from '../files/pem.ts'
import type { Libp2pKey } from '../identity.ts'

const LABEL = 'PRIVATE KEY'

/** An Ed25519 private key as a PKCS#8 PEM file. */
export function formatLibp2pKey(key: KeyObject): string {
  return encodePem(LABEL, key.export({ type: 'pkcs8', format: 'der' }))
}

/** The key in such a file. Throws a plain Error that says what is wrong. */
export function readLibp2pKey(pem: string): Libp2pKey {
  const key = parseKey(decodePem(LABEL, pem))
  const { d = '', x = '' } = key.export({ format: 'jwk' })

  return { seed: fromString(d, 'base64url'), publicKey: fromString(x, 'base64url') }
}

function parseKey(pkcs8: Uint8Array): KeyObject {
  try {
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new TypeError('it is not a private key in PKCS#8', { cause })
  }
  throw new TypeError('its key is not of the kind Ed25519')
}
