import { fromString } from 'uint8arrays'
import type { Authority } from '../authority.ts'
import { makeClientKey, makeSerial } from '../keys/run.ts'
import { requirePassphrase } from '../passphrase.ts'
import { certificatePem } from '../x509/certificate.ts'

export interface Pkcs12Options {
  /** That the browser asks for when it imports the file. */
  password: string
  /** Milliseconds since 1970. */
  now: number
}

/** What OpenSSL itself writes; the library computes on the main thread, and ten times as many hold it up for 0.3 s. */
const ITERATIONS = 2048

/**
 * A client certificate for its owner's browser, good for a year, with its key and the authority's certificate as a PKCS#12 file
 * (RFC 7292).
 *
 * @throws {EmptyPassphraseError}
 */
export async function exportPkcs12(
  authority: Authority,
  { password, now }: Pkcs12Options
): Promise<Uint8Array> {
  requirePassphrase(password)
  const { key, spki } = await makeClientKey()
  const certificate = authority.issueClient({ spki, serial: makeSerial(), now })
  // A start of the node has no use for it, and it is slow to load.
  const { default: forge } = await import('node-forge')
  const file = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    [certificate, certificatePem(authority.certificate)].map(pem =>
      forge.pki.certificateFromPem(pem)
    ),
    password,
    { algorithm: 'aes256', count: ITERATIONS, friendlyName: `Plexnet ${authority.uuid}` }
  )

  return fromString(forge.asn1.toDer(file).getBytes(), 'latin1')
}
