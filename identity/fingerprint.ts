import { createHash } from 'node:crypto'
import { fromString, toString } from 'uint8arrays'
import { InvalidFingerprintError } from './errors.ts'

export type FingerprintAlgorithm = 'sha1' | 'sha256'

/** The ordered pair that the specification calls node.fingerprint. */
export interface Fingerprint {
  readonly algorithm: FingerprintAlgorithm
  readonly digest: Uint8Array
}

/** The fingerprint of a DER certificate. */
export function fingerprintOf(der: Uint8Array, algorithm: FingerprintAlgorithm): Fingerprint {
  return { algorithm, digest: new Uint8Array(createHash(algorithm).update(der).digest()) }
}

/** For reading aloud and for paper: `SHA256: A5CA 58AF …`, groups of four hexadecimal digits. */
export function formatFingerprint({ algorithm, digest }: Fingerprint): string {
  const groups = toString(digest, 'base16').toUpperCase().match(/.{4}/g) ?? []

  return `${algorithm.toUpperCase()}: ${groups.join(' ')}`
}

/**
 * The fingerprint as people and other tools write it: any case, spaces, colons or hyphens between digits, `SHA-256:`,
 * OpenSSL's `sha256 Fingerprint=`, or digits alone, whose number tells the algorithm.
 *
 * @throws {InvalidFingerprintError}
 */
export function parseFingerprint(text: string): Fingerprint {
  const [, bits, digits = ''] = (text.length <= MAX_TEXT && FORM.exec(text)) || []
  const hex = digits.replaceAll(/[\s:-]/g, '').toLowerCase()
  const algorithm = ALGORITHM_BY_DIGITS[hex.length]
  if (algorithm == null || (bits != null && algorithm !== `sha${bits}`)) {
    throw new InvalidFingerprintError(text)
  }

  return { algorithm, digest: fromString(hex, 'base16') }
}

const MAX_TEXT = 256

const ALGORITHM_BY_DIGITS: Record<number, FingerprintAlgorithm> = { 40: 'sha1', 64: 'sha256' }

const FORM = /^\s*(?:sha-?(1|256)(?:\s+fingerprint)?\s*[\s:=])?([0-9a-f\s:-]+)$/i
