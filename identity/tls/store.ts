import { join } from 'node:path'
import { toString } from 'uint8arrays'
import writeFileAtomic from 'write-file-atomic'
import type { Authority } from '../authority.ts'
import { KeyFileError } from '../errors.ts'
import { interpret, readIdentityFile } from '../files/store.ts'
import type { Identity, TlsMaterial } from '../identity.ts'
import { makeSerial, makeTlsKey } from '../keys/run.ts'
import type { Names } from '../x509/canonical-names.ts'
import { formatTls, isTlsGood, readTls } from './material.ts'

export interface TlsOptions extends Names {
  /** Milliseconds since 1970. */
  now: number
}

/**
 * New TLS material in place of one that is past two thirds of its life, lacks a name, or cannot be read; undefined where the one
 * on disk is still good. Key and certificate change in one step.
 *
 * @throws {InvalidCertificateNameError}
 */
export async function renewTls(
  directory: string,
  identity: Pick<Identity, 'certificate'>,
  authority: Authority,
  options: TlsOptions
): Promise<TlsMaterial | undefined> {
  const current = await readCurrent(directory, identity.certificate)
  if (current != null && isTlsGood(current, options.now, options)) return undefined

  const text = await makeTls(authority, options)
  await writeFileAtomic(join(directory, 'tls.pem'), text, { mode: 0o600 })

  return readTls(text, identity.certificate)
}

/** The text of a new tls.pem. */
export async function makeTls(authority: Authority, options: TlsOptions): Promise<string> {
  const { key, spki } = await makeTlsKey()
  const leaf = authority.issueTls({ ...options, spki, serial: makeSerial() })

  return formatTls(key, leaf, authority.certificate)
}

async function readCurrent(
  directory: string,
  certificate: Uint8Array
): Promise<TlsMaterial | undefined> {
  try {
    const text = toString(await readIdentityFile(directory, 'tls.pem'))

    return interpret(directory, 'tls.pem', () => readTls(text, certificate))
  } catch (error) {
    if (error instanceof KeyFileError) return undefined
    throw error
  }
}
