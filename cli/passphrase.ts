import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Configuration, Directories } from '../config.ts'
import { hasCode } from './error-code.ts'
import { PassphraseFileError } from './errors.ts'

/** A passphrase is a line, not a document. */
const MAX_PASSPHRASE_BYTES = 4096

/** 160 bits: nobody types this one, so it may be longer than anybody would remember. */
const RANDOM_BYTES = 20

export interface PassphraseSources {
  /** --passphrase-file. */
  readonly file?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly configuration: Configuration
  readonly directories: Directories
  /** How to ask a person, where there is one. */
  readonly ask?: (() => Promise<string | undefined>) | undefined
}

/**
 * --passphrase-file, PLEXNET_PASSPHRASE, PLEXNET_PASSPHRASE_FILE, node.passphrase_file, the file that `start` once made,
 * and then the person, in this order.
 * @throws PassphraseFileError where a file that was named cannot be read
 */
export async function findPassphrase(sources: PassphraseSources): Promise<string | undefined> {
  const { file, env, configuration, directories, ask } = sources
  const direct = env['PLEXNET_PASSPHRASE'] ?? ''

  if (file == null && direct !== '') {
    return direct
  }
  const named = file ?? (env['PLEXNET_PASSPHRASE_FILE'] || configuration.node.passphraseFile)

  return named == null
    ? ((await readKeptPassphrase(directories)) ?? (await ask?.()))
    : readPassphraseFile(named)
}

/** Where a passphrase is kept that nobody chose. */
export function keptPassphraseFile(directories: Directories): string {
  return join(directories.config, 'passphrase')
}

/** A new random passphrase in a file that only its owner can read. */
export async function keepRandomPassphrase(directories: Directories): Promise<string> {
  const passphrase = randomBytes(RANDOM_BYTES).toString('base64url')

  await mkdir(directories.config, { recursive: true, mode: 0o700 })
  await writeFile(keptPassphraseFile(directories), `${passphrase}\n`, { flag: 'wx', mode: 0o600 })

  return passphrase
}

/**
 * The first line of the file.
 * @throws PassphraseFileError
 */
export async function readPassphraseFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PassphraseFileError(file, `cannot be read: ${reasonOf(cause)}`, { cause })
  })
  const [line = ''] = text.split(/\r?\n/, 1)

  if (line === '') {
    throw new PassphraseFileError(file, 'is empty; its first line should be the passphrase')
  }
  if (Buffer.byteLength(line) > MAX_PASSPHRASE_BYTES) {
    throw new PassphraseFileError(
      file,
      `has a first line of more than ${MAX_PASSPHRASE_BYTES} bytes`
    )
  }

  return line
}

async function readKeptPassphrase(directories: Directories): Promise<string | undefined> {
  try {
    return await readPassphraseFile(keptPassphraseFile(directories))
  } catch (error) {
    if (error instanceof PassphraseFileError && hasCode(error.cause, 'ENOENT')) {
      return undefined
    }
    throw error
  }
}

function reasonOf(cause: unknown): string {
  return hasCode(cause, 'ENOENT') ? 'no such file' : String(cause)
}
