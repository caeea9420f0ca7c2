import { randomBytes } from 'node:crypto'
import { DamagedBackupError, KeyFileError } from '../errors.ts'
import { installIdentityFiles, readIdentityFiles, requireVacant } from '../files/store.ts'
import type { Identity } from '../identity.ts'
import { requirePassphrase } from '../passphrase.ts'
import { openIdentity } from '../store.ts'
import { openBackup, sealBackup } from './backup.ts'

export interface BackupOptions {
  /** Of the backup file; the authority key inside stays under its own as well. */
  passphrase: string
}

/**
 * The whole identity as the bytes of one encrypted file.
 *
 * @throws {EmptyPassphraseError}
 * @throws {IdentityMissingError}
 * @throws {KeyFileError} rather than back up a damaged identity
 */
export async function backupIdentity(
  directory: string,
  { passphrase }: BackupOptions
): Promise<Uint8Array> {
  requirePassphrase(passphrase)
  await openIdentity(directory)

  return sealBackup(await readIdentityFiles(directory), passphrase, {
    salt: randomBytes(16),
    nonce: randomBytes(12)
  })
}

/**
 * The identity of a backup, put into a new directory.
 *
 * @throws {IdentityExistsError} where the directory holds anything
 * @throws {WrongPassphraseError}
 * @throws {DamagedBackupError}
 */
export async function restoreIdentity(
  directory: string,
  bytes: Uint8Array,
  { passphrase }: BackupOptions
): Promise<Identity> {
  await requireVacant(directory)

  return installIdentityFiles(directory, await openBackup(bytes, passphrase), openStaged)
}

async function openStaged(staged: string): Promise<Identity> {
  try {
    return await openIdentity(staged)
  } catch (cause) {
    if (!(cause instanceof KeyFileError)) throw cause
    throw new DamagedBackupError(`a file in it ${cause.problem}`, { cause })
  }
}
