import type { KeyObject } from 'node:crypto'
import { createCipheriv, createDecipheriv, createPrivateKey } from 'node:crypto'
import { concat } from 'uint8arrays'
import { decodePem, encodePem } from '../files/pem.ts'
import { deriveByPbkdf2 } from '../passphrase.ts'
import type { Node } from '../x509/der.ts'
import * as der from '../x509/der.ts'
import { OID } from '../x509/oids.ts'

/** A private key under a passphrase: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, RFC 8018. */
export interface SealedKey extends SealCost {
  readonly encrypted: Uint8Array
}

export interface SealCost {
  /** 8 to 64 bytes of chance. */
  readonly salt: Uint8Array
  readonly iterations: number
  /** 16 bytes of chance. */
  readonly iv: Uint8Array
}

/** OWASP Password Storage Cheat Sheet for PBKDF2-HMAC-SHA256; a tenth of a second of one core. */
export const KDF_ITERATIONS = 600_000

/** A file that asks for more would keep a core busy for seconds, and none of ours does. */
export const MAX_KDF_ITERATIONS = 10_000_000

const LABEL = 'ENCRYPTED PRIVATE KEY'

/** The key as a PEM file that `openssl pkey` reads with the passphrase. */
export async function sealKey(key: KeyObject, passphrase: string, cost: SealCost): Promise<string> {
  const derived = await deriveByPbkdf2(passphrase, cost.salt, cost.iterations)
  const cipher = createCipheriv('aes-256-cbc', derived, cost.iv)
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const encrypted = concat([cipher.update(plain), cipher.final()])

  return encodePem(
    LABEL,
    der.encodeDer(der.sequence(encodeParameters(cost), der.octets(encrypted)))
  )
}

/** What such a file holds, as far as it can be read without the passphrase. Throws a TypeError that says what is wrong. */
export function readSealedKey(pem: string): SealedKey {
  const content = decodePem(LABEL, pem)
  try {
    const [parameters, encrypted] = der.childrenOf(der.parseDer(content))

    return { ...decodeParameters(parameters), encrypted: der.contentOf(encrypted) }
  } catch (cause) {
    throw new TypeError(
      'it is not encrypted by PBKDF2-HMAC-SHA256 and AES-256-CBC in bounds that are accepted',
      { cause }
    )
  }
}

/** The private key, or undefined where the passphrase is not the one that it was sealed with. */
export async function unsealKey(
  sealed: SealedKey,
  passphrase: string
): Promise<KeyObject | undefined> {
  const derived = await deriveByPbkdf2(passphrase, sealed.salt, sealed.iterations)
  try {
    const decipher = createDecipheriv('aes-256-cbc', derived, sealed.iv)
    const plain = Buffer.concat([decipher.update(sealed.encrypted), decipher.final()])

    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
  } catch {
    // A wrong key shows as wrong padding, or once in 256 times as bytes that are no PKCS#8.
    return undefined
  }
}

function encodeParameters({ salt, iterations, iv }: SealCost): Node {
  const kdf = der.sequence(
    der.octets(salt),
    der.integer(iterations),
    der.sequence(der.oid(OID.hmacWithSha256), der.nothing())
  )

  return der.sequence(
    der.oid(OID.pbes2),
    der.sequence(
      der.sequence(der.oid(OID.pbkdf2), kdf),
      der.sequence(der.oid(OID.aes256Cbc), der.octets(iv))
    )
  )
}

function decodeParameters(node: Node | undefined): SealCost {
  const [scheme, parameters] = der.childrenOf(node)
  const [derivation, encryption] = der.childrenOf(parameters)
  const [kdf, kdfParameters] = der.childrenOf(derivation)
  const [cipher, iv] = der.childrenOf(encryption)
  const [salt, iterations, ...rest] = der.childrenOf(kdfParameters)
  const [hash] = der.childrenOf(rest.at(-1))
  const cost = {
    salt: der.contentOf(salt),
    iterations: numberOf(der.contentOf(iterations)),
    iv: der.contentOf(iv)
  }
  const accepted =
    der.oidOf(scheme) === OID.pbes2 &&
    der.oidOf(kdf) === OID.pbkdf2 &&
    der.oidOf(hash) === OID.hmacWithSha256 &&
    der.oidOf(cipher) === OID.aes256Cbc &&
    cost.iv.byteLength === 16 &&
    cost.salt.byteLength >= 8 &&
    cost.salt.byteLength <= 64 &&
    cost.iterations >= 1 &&
    cost.iterations <= MAX_KDF_ITERATIONS
  if (!accepted) throw new RangeError('another scheme, or a cost out of bounds')

  return cost
}

/** An ASN.1 INTEGER that fits 31 bits; others come out beyond every bound. */
function numberOf(content: Uint8Array): number {
  if (content.byteLength > 4 || (content[0] ?? 0x80) >= 0x80) return Infinity

  return content.reduce((sum, byte) => sum * 256 + byte, 0)
}
