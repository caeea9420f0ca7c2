import { readdirSync } from 'node:fs'
import type { LoadedConfiguration } from '../config.ts'
import type { Identity } from '../identity/index.ts'
import { askNewPassphrase, askPassphrase } from './ask.ts'
import type { Context } from './context.ts'
import { hasCode } from './error-code.ts'
import { PassphraseMissingError } from './errors.ts'
import { findPassphrase, keepRandomPassphrase, keptPassphraseFile } from './passphrase.ts'

export interface MakeOptions {
  /** In place of node.id and of a new one. */
  readonly id?: string | undefined
  readonly privateId?: boolean | undefined
  readonly passphraseFile?: string | undefined
}

export interface MadeIdentity {
  readonly identity: Identity
  readonly passphrase: string
  /** The file that keeps a passphrase which nobody chose. */
  readonly keptIn: string | undefined
}

/** Whether there is nothing where the identity belongs; a damaged one is something. */
export function isIdentityMissing({ directories }: LoadedConfiguration): boolean {
  try {
    return readdirSync(directories.identity).length === 0
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return true
    }
    throw error
  }
}

/**
 * A new identity under the passphrase that is given, typed twice, or made up and kept in a file.
 * @throws IdentityExistsError
 */
export async function makeIdentity(
  context: Context,
  loaded: LoadedConfiguration,
  { id, privateId = false, passphraseFile }: MakeOptions = {}
): Promise<MadeIdentity> {
  const { configuration, directories } = loaded
  const { createIdentity, IdentityExistsError, parseUuid } = await import('../identity/index.ts')

  // Before a passphrase is asked for, or made up and kept where the existing identity would meet it.
  if (!isIdentityMissing(loaded)) {
    throw new IdentityExistsError(directories.identity)
  }
  const given = id ?? configuration.node.id
  const uuid = given == null ? undefined : parseUuid(given)
  const found = await findPassphrase({
    file: passphraseFile,
    env: context.env,
    configuration,
    directories,
    ask: context.canAsk ? async () => askNewPassphrase(NEW_PASSPHRASE) : undefined
  })
  const passphrase = found ?? (await keepRandomPassphrase(directories))
  const { ipv4, ipv6, host } = configuration.node
  const identity = await createIdentity(directories.identity, {
    passphrase,
    uuid,
    privateId,
    ips: [ipv4, ipv6].filter(ip => ip != null),
    hosts: host == null ? [] : [host]
  })

  return {
    identity,
    passphrase,
    keptIn: found == null ? keptPassphraseFile(directories) : undefined
  }
}

/** Says what was made, and what a passphrase in a file means. */
export function madeText({ identity, keptIn }: MadeIdentity): string {
  const notice = keptIn == null ? [] : [keptPassphraseNotice(keptIn)]

  return [`Made a new identity: ${identity.uuid}`, ...notice].join('\n')
}

export function keptPassphraseNotice(file: string): string {
  return [
    `No passphrase was given, so one was made up. It is in ${file}.`,
    'Whoever can read that file and the keys can be this node. Keep a copy of it somewhere else:',
    'without it the identity cannot be renewed, and a backup cannot be opened.'
  ].join('\n')
}

/**
 * The passphrase of the identity that is there.
 * @throws PassphraseMissingError
 */
export async function requirePassphrase(
  context: Context,
  loaded: LoadedConfiguration,
  file?: string
): Promise<string> {
  const passphrase = await findOwnPassphrase(context, loaded, file)

  if (passphrase == null) {
    throw new PassphraseMissingError()
  }

  return passphrase
}

/** The same, where the command goes on without one. */
export async function findOwnPassphrase(
  { env, canAsk }: Context,
  { configuration, directories }: LoadedConfiguration,
  file?: string
): Promise<string | undefined> {
  return findPassphrase({
    file,
    env,
    configuration,
    directories,
    ask: canAsk ? async () => askPassphrase('Passphrase of this node:') : undefined
  })
}

const NEW_PASSPHRASE =
  'A passphrase for the new identity (empty: one is made up and kept in a file):'
