import type { FileHandle } from 'node:fs/promises'
import { constants, mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { IdentityExistsError, IdentityMissingError, KeyFileError } from '../errors.ts'
import type { FileName, IdentityFiles } from './identity-files.ts'
import { FILE_NAMES, MAX_FILE_BYTES, isSecret } from './identity-files.ts'
import { errorCode } from '../error-message.ts'

const RESTORE = 'Move the directory away and restore the identity from a backup'

/**
 * All files of the identity in a directory.
 *
 * @throws {IdentityMissingError} where none of them is there
 * @throws {KeyFileError} for the first that cannot be used
 */
export async function readIdentityFiles(directory: string): Promise<IdentityFiles> {
  const present = new Set(await listDirectory(directory))
  if (!FILE_NAMES.some(name => present.has(name))) throw new IdentityMissingError(directory)

  return {
    'authority.key': await readIdentityFile(directory, 'authority.key'),
    'authority.crt': await readIdentityFile(directory, 'authority.crt'),
    'libp2p.key': await readIdentityFile(directory, 'libp2p.key'),
    'tls.pem': await readIdentityFile(directory, 'tls.pem')
  }
}

/** @throws {KeyFileError} where the file is missing, open to other users, or no file of ours */
export async function readIdentityFile(directory: string, name: FileName): Promise<Uint8Array> {
  const file = join(directory, name)
  try {
    // A pipe put in the place of a key would otherwise be waited for without end.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    await requirePlainFile(handle, file)
    if (isSecret(name)) await requirePrivate(handle, file)

    return new Uint8Array(await handle.readFile())
  } catch (cause) {
    if (cause instanceof KeyFileError) throw cause
    if (codeOf(cause) === 'ENOENT') {
      throw new KeyFileError(file, 'is missing', `${RESTORE}.`, { cause })
    }
    throw new KeyFileError(
      file,
      `cannot be read (${codeOf(cause)})`,
      'Let the user who runs the node read it, and check the disk.',
      { cause }
    )
  }
}

/** What `read` makes of a file's content; what it throws becomes a KeyFileError that names the file. */
export function interpret<T>(directory: string, name: FileName, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new KeyFileError(join(directory, name), `is damaged: ${reason}`, `${RESTORE}.`, { cause })
  }
}

/** @throws {IdentityExistsError} where the directory holds anything at all */
export async function requireVacant(directory: string): Promise<void> {
  if ((await listDirectory(directory)).length > 0) throw new IdentityExistsError(directory)
}

/**
 * Puts all files in place in one step: a crash leaves the whole identity or none, and at worst a directory beside it that
 * nothing reads. `check` sees the files before they take their place, and its result is returned.
 *
 * @throws {IdentityExistsError}
 */
export async function installIdentityFiles<T>(
  directory: string,
  files: IdentityFiles,
  check: (staged: string) => Promise<T>
): Promise<T> {
  const target = resolve(directory)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const staged = await mkdtemp(`${target}.new-`)
  try {
    for (const name of FILE_NAMES) {
      await writeFile(join(staged, name), files[name], { mode: 0o600, flag: 'wx', flush: true })
    }
    await syncDirectory(staged)
    const checked = await check(staged)
    await rename(staged, target)
    await syncDirectory(dirname(target))

    return checked
  } catch (cause) {
    await rm(staged, { recursive: true, force: true })
    if (TAKEN.has(codeOf(cause))) throw new IdentityExistsError(directory)
    throw cause
  }
}

const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR'])

async function listDirectory(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw new KeyFileError(
      directory,
      `cannot be read (${codeOf(cause)})`,
      'Let the user who runs the node read the directory.',
      { cause }
    )
  }
}

async function requirePlainFile(handle: FileHandle, file: string): Promise<void> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw new KeyFileError(file, 'is not an ordinary file', `${RESTORE}.`)
  if (stats.size === 0) throw new KeyFileError(file, 'is empty', `${RESTORE}.`)
  if (stats.size > MAX_FILE_BYTES) {
    throw new KeyFileError(
      file,
      `has ${stats.size} bytes, more than ${MAX_FILE_BYTES}`,
      `${RESTORE}.`
    )
  }
}

async function requirePrivate(handle: FileHandle, file: string): Promise<void> {
  // Windows keeps its access lists elsewhere.
  if (process.platform === 'win32') return
  const { mode } = await handle.stat()
  if ((mode & 0o077) !== 0) {
    throw new KeyFileError(
      file,
      `can be used by other users of this machine (mode ${(mode & 0o777).toString(8)})`,
      `If none of them can have copied it, type: chmod 600 '${file}'`
    )
  }
}

/** Without it a power cut may forget the names of files whose content is safe. */
async function syncDirectory(directory: string): Promise<void> {
  // Windows opens no directories, and writes names by itself.
  if (process.platform === 'win32') return
  await using handle = await open(directory, constants.O_RDONLY)
  await handle.sync()
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? 'unknown error'
}
