import { createPrivateKey, sign } from 'node:crypto'

/** SubjectPublicKeyInfo and PKCS#8 of Ed25519 up to the key, RFC 8410 sections 4 and 7. */
const SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0)
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

/** The SubjectPublicKeyInfo in DER of a public key of 32 bytes. */
export function ed25519Spki(publicKey: Uint8Array): Uint8Array {
  return Uint8Array.of(...SPKI, ...publicKey)
}

/** Signs with the private key that this seed of 32 bytes is. */
export function ed25519Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const key = createPrivateKey({
    key: Buffer.from([...PKCS8, ...seed]),
    format: 'der',
    type: 'pkcs8'
  })

  return message => new Uint8Array(sign(null, message, key))
}
