import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import test from 'ava'
import { formatFingerprint, openSigned, signBody, unlockAuthority } from '../../identity/index.ts'
import { PASSPHRASE, anIdentity, vacantDirectory } from './helpers/directory.ts'
import { openssl, opensslText } from './helpers/openssl.ts'

const DAY = 86_400_000

// A20
test('openssl reads an authority of the UUID in the authority certificate', async t => {
  const { directory, identity } = await anIdentity(t)
  const file = join(directory, 'authority.crt')
  const text = await opensslText(['x509', '-inform', 'DER', '-in', file, '-noout', '-text'])

  t.regex(text, new RegExp(`Subject: CN ?= ?${identity.uuid}`))
  t.regex(text, new RegExp(`Issuer: CN ?= ?${identity.uuid}`))
  t.regex(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  t.regex(text, /Key Usage: critical\s+Certificate Sign, CRL Sign/)
  t.regex(text, new RegExp(`Alternative Name: \\s+URI:urn:uuid:${identity.uuid}\\n`))
  t.regex(text, /Subject Key Identifier/)
  t.regex(text, /Public-Key: \(3072 bit\)/)
  t.regex(text, /Signature Algorithm: sha256WithRSAEncryption/)
})

// A21
test('openssl prints the same fingerprints', async t => {
  const { directory, identity } = await anIdentity(t)
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const printed = await opensslText([
      'x509',
      '-inform',
      'DER',
      '-in',
      join(directory, 'authority.crt'),
      '-noout',
      '-fingerprint',
      `-${algorithm}`
    ])
    t.is(
      formatFingerprint(identity.fingerprints[algorithm]).replaceAll(/^.*: | /g, ''),
      printed.trim().replaceAll(/^.*=|:/g, '')
    )
  }
})

test('openssl verifies the TLS certificate under the authority, for servers and for clients', async t => {
  const { identity } = await anIdentity(t)
  const verify = await verifier(t, identity.certificatePem, identity.tls.cert)

  t.is((await verify('-x509_strict', '-purpose', 'sslserver')).status, 0)
  t.is((await verify('-x509_strict', '-purpose', 'sslclient')).status, 0)
  t.is((await verify('-verify_ip', '::1')).status, 0)
  t.is((await verify('-verify_hostname', 'localhost')).status, 0)
  t.not((await verify('-verify_hostname', 'example.org')).status, 0)
})

test('a reader whose clock is a day behind takes the TLS certificate, one a week behind does not', async t => {
  const { identity } = await anIdentity(t)
  const verify = await verifier(t, identity.certificatePem, identity.tls.cert)
  const made = identity.tls.notBefore + 2 * DAY

  t.is((await verify(...at(made - DAY))).status, 0)
  t.not((await verify(...at(made - 7 * DAY))).status, 0)
  t.is((await verify(...at(made + 89 * DAY))).status, 0)
  t.not((await verify(...at(made + 91 * DAY))).status, 0)
})

test('a TLS client that trusts the authority alone connects', async t => {
  const { identity } = await anIdentity(t)
  const server = createServer({ key: identity.tls.key, cert: identity.tls.cert }, socket => {
    socket.end()
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ca: identity.certificatePem })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')

  t.true(socket.authorized)
  const issuer = socket.getPeerX509Certificate()?.issuerCertificate
  t.deepEqual(new Uint8Array(issuer?.raw ?? []), identity.certificate)
})

test('what the authority signs verifies with the key of its certificate', async t => {
  const { directory, identity } = await anIdentity(t)
  const authority = await unlockAuthority(directory, identity, PASSPHRASE)
  const key = new X509Certificate(authority.certificate).publicKey
  const signed = openSigned('node', signBody('node', { seq: 1 }, authority.sign), 4096)

  t.true(signed.verify(key.export({ type: 'spki', format: 'der' })))
  t.deepEqual(authority.address, identity.address)
  t.deepEqual(authority.keyHash, identity.keyHash)
})

test('no certificate outlives its authority', async t => {
  const { directory, identity } = await anIdentity(t)
  const authority = await unlockAuthority(directory, identity, PASSPHRASE)
  const end = new X509Certificate(identity.certificate).validToDate.getTime()
  const spki = new X509Certificate(identity.tls.cert).publicKey.export({
    type: 'spki',
    format: 'der'
  })
  const leaf = authority.issueTls({
    spki,
    serial: new Uint8Array(16),
    now: end - DAY,
    ips: [],
    hosts: []
  })

  t.is(new X509Certificate(leaf).validToDate.getTime(), end)
})

function at(time: number): string[] {
  return ['-attime', String(Math.floor(time / 1000))]
}

async function verifier(
  t: Parameters<typeof vacantDirectory>[0],
  authority: string,
  leaf: string
): Promise<(...options: string[]) => ReturnType<typeof openssl>> {
  const directory = await vacantDirectory(t)
  await mkdir(directory)
  await writeFile(join(directory, 'ca.pem'), authority)

  return async (...options) =>
    openssl(['verify', '-CAfile', join(directory, 'ca.pem'), ...options], leaf)
}
