import type { KeyObject } from 'node:crypto'

/** NIST SP 800-57 part 1: below this a key can be broken within the life of a record. */
export const MIN_RSA_BITS = 2048

/** Above this a stranger's key costs more to verify with than its record is worth. */
export const MAX_RSA_BITS = 8192

/** Whether a public key is RSA of a size that is neither breakable nor a burden. */
export function isAcceptedRsaKey(key: KeyObject): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0

  return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS
}
