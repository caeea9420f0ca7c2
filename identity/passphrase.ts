import { pbkdf2, scrypt } from 'node:crypto'
import { EmptyPassphraseError } from './errors.ts'

export interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** A key of 32 bytes by PBKDF2 with HMAC-SHA256 (RFC 8018), computed off the main thread. */
export async function deriveByPbkdf2(
  passphrase: string,
  salt: Uint8Array,
  iterations: number
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(secretOf(passphrase), salt, iterations, KEY_BYTES, 'sha256', (error, key) => {
      if (error == null) resolve(key)
      else reject(error)
    })
  })
}

/** A key of 32 bytes by scrypt (RFC 7914), computed off the main thread. */
export async function deriveByScrypt(
  passphrase: string,
  salt: Uint8Array,
  cost: ScryptCost
): Promise<Uint8Array> {
  // 128 * N * r bytes for the table and as much again for what stands beside it.
  const options = { ...cost, maxmem: 256 * cost.N * cost.r }

  return new Promise((resolve, reject) => {
    scrypt(secretOf(passphrase), salt, KEY_BYTES, options, (error, key) => {
      if (error == null) resolve(key)
      else reject(error)
    })
  })
}

/** @throws {EmptyPassphraseError} */
export function requirePassphrase(passphrase: string): void {
  if (passphrase === '') throw new EmptyPassphraseError()
}

const KEY_BYTES = 32

/** One keyboard writes é as one character and another as two: both mean the same passphrase. */
function secretOf(passphrase: string): string {
  return passphrase.normalize('NFC')
}
