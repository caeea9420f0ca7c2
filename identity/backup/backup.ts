import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import { concat, equals, fromString } from 'uint8arrays'
import { DamagedBackupError, WrongPassphraseError } from '../errors.ts'
import type { IdentityFiles } from '../files/identity-files.ts'
import { FILE_NAMES, MAX_FILE_BYTES } from '../files/identity-files.ts'
import type { ScryptCost } from '../passphrase.ts'
import { deriveByScrypt } from '../passphrase.ts'

export interface BackupChance {
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** 12 bytes, never used twice with one salt. */
  readonly nonce: Uint8Array
}

/** All files and what surrounds them; more is refused before anything is computed. */
export const MAX_BACKUP_BYTES = FILE_NAMES.length * MAX_FILE_BYTES + 4096

/** OWASP Password Storage Cheat Sheet; 128 MiB for half a second. */
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 }

/*
 * magic line | SHA-256 of all that follows, 32 | salt, 16 | nonce, 12 | AES-256-GCM of the files in DAG-CBOR | tag, 16
 *
 * The hash tells damage from a wrong passphrase. Against an attacker stands the tag, which covers magic and salt too.
 */
const MAGIC = fromString('PLEXNET-IDENTITY-BACKUP 1\n')
const DIGEST_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** One encrypted file of all files of an identity; computed off the main thread. */
export async function sealBackup(
  files: IdentityFiles,
  passphrase: string,
  { salt, nonce }: BackupChance
): Promise<Uint8Array> {
  const cipher = createCipheriv('aes-256-gcm', await deriveByScrypt(passphrase, salt, COST), nonce)
  cipher.setAAD(concat([MAGIC, salt]))
  const encrypted = [cipher.update(encode(files)), cipher.final()]
  const content = concat([salt, nonce, ...encrypted, cipher.getAuthTag()])

  return concat([MAGIC, digestOf(content), content])
}

/**
 * The files in a backup.
 *
 * @throws {DamagedBackupError}
 * @throws {WrongPassphraseError}
 */
export async function openBackup(bytes: Uint8Array, passphrase: string): Promise<IdentityFiles> {
  const content = readContent(bytes)
  const salt = content.subarray(0, SALT_BYTES)
  const nonce = content.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES)
  const encrypted = content.subarray(SALT_BYTES + NONCE_BYTES, -TAG_BYTES)
  const decipher = createDecipheriv(
    'aes-256-gcm',
    await deriveByScrypt(passphrase, salt, COST),
    nonce
  )
  decipher.setAAD(concat([MAGIC, salt]))
  decipher.setAuthTag(content.subarray(-TAG_BYTES))
  const plain = decipher.update(encrypted)
  try {
    decipher.final()
  } catch {
    throw new WrongPassphraseError('the backup')
  }

  return readFiles(plain)
}

function readContent(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > MAX_BACKUP_BYTES) {
    throw new DamagedBackupError(`${bytes.byteLength} bytes are more than ${MAX_BACKUP_BYTES}`)
  }
  if (!equals(bytes.subarray(0, MAGIC.byteLength), MAGIC)) {
    throw new DamagedBackupError('it does not begin as a backup of an identity does')
  }
  const digest = bytes.subarray(MAGIC.byteLength, MAGIC.byteLength + DIGEST_BYTES)
  const content = bytes.subarray(MAGIC.byteLength + DIGEST_BYTES)
  if (
    content.byteLength < SALT_BYTES + NONCE_BYTES + TAG_BYTES ||
    !equals(digest, digestOf(content))
  ) {
    throw new DamagedBackupError('a part is missing or changed')
  }

  return content
}

function readFiles(plain: Uint8Array): IdentityFiles {
  const files: unknown = decode(plain)
  if (!isIdentityFiles(files))
    throw new DamagedBackupError('it does not hold the files of an identity')

  return files
}

function isIdentityFiles(value: unknown): value is IdentityFiles {
  if (typeof value !== 'object' || value == null) return false
  const files = new Map<string, unknown>(Object.entries(value))

  return (
    files.size === FILE_NAMES.length &&
    FILE_NAMES.every(name => files.get(name) instanceof Uint8Array)
  )
}

function digestOf(content: Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest()
}
