import type { KeyObject } from 'node:crypto'
import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

/** A private key and its public part as a SubjectPublicKeyInfo in DER. */
export interface NewKey {
  key: KeyObject
  spki: Uint8Array
}

/** Good beyond 2030 by NIST SP 800-57, and still quick to verify. */
const AUTHORITY_RSA_BITS = 3072

/** A browser's certificate lasts one year. */
const CLIENT_RSA_BITS = 2048

export async function makeAuthorityKey(): Promise<NewKey> {
  return withSpki(await generate('rsa', { modulusLength: AUTHORITY_RSA_BITS }))
}

export async function makeClientKey(): Promise<NewKey> {
  return withSpki(await generate('rsa', { modulusLength: CLIENT_RSA_BITS }))
}

export async function makeTlsKey(): Promise<NewKey> {
  return withSpki(await generate('ec', { namedCurve: 'P-256' }))
}

export async function makeLibp2pKey(): Promise<KeyObject> {
  return (await generate('ed25519', {})).privateKey
}

/** For the serial number of a certificate. */
export function makeSerial(): Uint8Array {
  return randomBytes(16)
}

const generate = promisify(generateKeyPair)

function withSpki(pair: { privateKey: KeyObject; publicKey: KeyObject }): NewKey {
  return { key: pair.privateKey, spki: pair.publicKey.export({ type: 'spki', format: 'der' }) }
}
