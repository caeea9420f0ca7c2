import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { InvalidFingerprintError } from '../errors.ts'
import type { Fingerprint } from '../fingerprint.ts'

/** A SHA-256 fingerprint as 24 words to read aloud; the last carries a checksum (BIP 39, English). */
export function fingerprintWords({ digest }: Fingerprint): string[] {
  return entropyToMnemonic(digest, wordlist).split(' ')
}

/**
 * The fingerprint that 24 words name, in any case and spacing.
 *
 * @throws {InvalidFingerprintError} where a word is unknown, missing or misheard
 */
export function parseFingerprintWords(text: string): Fingerprint {
  const words = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(word => word !== '')

  try {
    if (words.length !== 24) throw new RangeError('24 words are wanted')

    return { algorithm: 'sha256', digest: mnemonicToEntropy(words.join(' '), wordlist) }
  } catch {
    throw new InvalidFingerprintError(text)
  }
}
