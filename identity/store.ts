import type { KeyObject } from 'node:crypto'
import { createPublicKey, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { equals, fromString, toString } from 'uint8arrays'
import { keyHashOf } from './address.ts'
import type { Authority } from './authority.ts'
import { createAuthority, issueAuthority } from './authority.ts'
import { WrongPassphraseError } from './errors.ts'
import type { FileName, IdentityFiles } from './files/identity-files.ts'
import {
  installIdentityFiles,
  interpret,
  readIdentityFile,
  readIdentityFiles,
  requireVacant
} from './files/store.ts'
import type { Identity } from './identity.ts'
import { describeAuthority } from './identity.ts'
import { formatLibp2pKey, readLibp2pKey } from './keys/libp2p-key.ts'
import { makeAuthorityKey, makeLibp2pKey, makeSerial } from './keys/run.ts'
import type { SealCost } from './keys/sealed-key.ts'
import { KDF_ITERATIONS, readSealedKey, sealKey, unsealKey } from './keys/sealed-key.ts'
import { readMac } from './mac/service.ts'
import { requirePassphrase } from './passphrase.ts'
import { readTls } from './tls/material.ts'
import { makeTls } from './tls/store.ts'
import type { NodeUuid } from './uuid.ts'
import { createUuid } from './uuid.ts'

export interface CreateOptions {
  /** Seals the authority key. */
  passphrase: string
  /** A UUID made elsewhere; otherwise a new one of version 1. */
  uuid?: NodeUuid | undefined
  /** Make the UUID without the hardware address of this machine. */
  privateId?: boolean | undefined
  /** Milliseconds since 1970; the clock by default. */
  now?: number | undefined
  /** What the first TLS certificate is good for besides this machine itself. */
  ips?: readonly string[] | undefined
  hosts?: readonly string[] | undefined
  /** PBKDF2 iterations, for tests only: fewer than the default protect too little. */
  kdfIterations?: number | undefined
}

/** Every node answers at these. */
const OWN_IPS = ['127.0.0.1', '::1']
const OWN_HOSTS = ['localhost']

/**
 * A new identity with all its keys, written whole or not at all.
 *
 * @throws {IdentityExistsError} where the directory holds anything
 * @throws {EmptyPassphraseError}
 * @throws {InvalidCertificateNameError}
 */
export async function createIdentity(directory: string, options: CreateOptions): Promise<Identity> {
  requirePassphrase(options.passphrase)
  await requireVacant(directory)

  return installIdentityFiles(directory, await makeFiles(options), openIdentity)
}

/**
 * The identity in a directory; no passphrase is needed.
 *
 * @throws {IdentityMissingError}
 * @throws {KeyFileError}
 */
export async function openIdentity(directory: string): Promise<Identity> {
  const files = await readIdentityFiles(directory)
  const certificate = files['authority.crt']
  const read = <T>(name: FileName, parse: (text: string) => T): T =>
    interpret(directory, name, () => parse(toString(files[name])))

  read('authority.key', readSealedKey)

  return {
    ...read('authority.crt', () => describeAuthority(certificate)),
    libp2pKey: read('libp2p.key', readLibp2pKey),
    tls: read('tls.pem', text => readTls(text, certificate))
  }
}

/**
 * The authority of an identity, to sign with. Takes a tenth of a second or more, off the main thread.
 *
 * @throws {WrongPassphraseError}
 * @throws {KeyFileError}
 */
export async function unlockAuthority(
  directory: string,
  identity: Pick<Identity, 'certificate' | 'keyHash'>,
  passphrase: string
): Promise<Authority> {
  const text = toString(await readIdentityFile(directory, 'authority.key'))
  const sealed = interpret(directory, 'authority.key', () => readSealedKey(text))
  const key = await unsealKey(sealed, passphrase)
  if (key == null) throw new WrongPassphraseError(join(directory, 'authority.key'))
  interpret(directory, 'authority.key', () => {
    requireKeyOf(identity, key)
  })

  return createAuthority(key, identity.certificate)
}

async function makeFiles(options: CreateOptions): Promise<IdentityFiles> {
  const now = options.now ?? Date.now()
  const [{ key, spki }, libp2pKey] = await Promise.all([makeAuthorityKey(), makeLibp2pKey()])
  const uuid = options.uuid ?? makeUuid(now, options.privateId)
  const certificate = issueAuthority(key, { uuid, spki, serial: makeSerial(), now })
  const [sealed, tls] = await Promise.all([
    sealKey(key, options.passphrase, makeSealCost(options.kdfIterations)),
    makeTls(createAuthority(key, certificate), {
      now,
      ips: [...OWN_IPS, ...(options.ips ?? [])],
      hosts: [...OWN_HOSTS, ...(options.hosts ?? [])]
    })
  ])

  return {
    'authority.key': fromString(sealed),
    'authority.crt': certificate,
    'libp2p.key': fromString(formatLibp2pKey(libp2pKey)),
    'tls.pem': fromString(tls)
  }
}

function makeUuid(now: number, isPrivate = false): NodeUuid {
  return createUuid({ mac: isPrivate ? undefined : readMac(), now, random: randomBytes(16) })
}

function makeSealCost(iterations = KDF_ITERATIONS): SealCost {
  return { salt: randomBytes(16), iv: randomBytes(16), iterations }
}

function requireKeyOf({ keyHash }: Pick<Identity, 'keyHash'>, key: KeyObject): void {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  if (!equals(keyHashOf(spki), keyHash)) {
    throw new TypeError('it is not the key of the certificate in authority.crt')
  }
}
