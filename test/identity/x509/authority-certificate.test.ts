import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import test from 'ava'
import fc from 'fast-check'
import {
  InvalidCertificateError,
  keyHashOf,
  parseUuid,
  readAuthorityCertificate
} from '../../../identity/index.ts'
import { issueAuthority } from '../../../identity/authority.ts'
import type { CertificateFields } from '../../../identity/x509/certificate.ts'
import * as x509 from '../../../identity/x509/certificate.ts'
import { vacantDirectory } from '../helpers/directory.ts'
import { opensslText } from '../helpers/openssl.ts'

const uuid = parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc')
const other = parseUuid('b8c03b05-e570-11f1-ba43-02fc00000001')
const now = Date.UTC(2026, 0, 1)
const serial = Uint8Array.of(1)

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
const certificate = issueAuthority(pair.privateKey, { uuid, spki, serial, now })

test('the certificate of an authority tells its UUID, key and dates', t => {
  const day = 86_400_000

  t.deepEqual(readAuthorityCertificate(certificate), {
    uuid,
    spki,
    keyHash: keyHashOf(spki),
    notBefore: now - 2 * day,
    notAfter: now + 3652 * day
  })
})

test('the dates go beyond the year 2049', t => {
  const late = Date.UTC(2048, 0, 1)
  const der = issueAuthority(pair.privateKey, { uuid, spki, serial, now: late })

  t.is(readAuthorityCertificate(der).notAfter, late + 3652 * 86_400_000)
})

// A19: an authority made elsewhere, by other software.
test('a certificate made by openssl is taken', async t => {
  const der = await makeByOpenssl(t, [])
  const { uuid: read, keyHash } = readAuthorityCertificate(der)

  t.is(read, uuid)
  const key = await opensslText(['x509', '-inform', 'DER', '-pubkey', '-noout'], der)
  t.deepEqual(keyHash, keyHashOf(createPublicKey(key).export({ type: 'spki', format: 'der' })))
})

test('a certificate signed over SHA-1 is refused', async t => {
  refuses(t, await makeByOpenssl(t, ['-sha1']), /SHA-2/)
})

test('a certificate that differs in any one byte is refused', t => {
  fc.assert(
    fc.property(
      fc.nat(certificate.byteLength - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const mutated = Uint8Array.from(certificate)
        mutated[at] = (mutated[at] ?? 0) ^ change
        t.throws(() => readAuthorityCertificate(mutated), { instanceOf: InvalidCertificateError })
      }
    ),
    { numRuns: 1000 }
  )
})

test('any bytes and any cut give the error of its own kind', t => {
  const cuts = fc.nat(certificate.byteLength - 1).map(end => certificate.subarray(0, end))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), cuts), bytes => {
      t.throws(() => readAuthorityCertificate(bytes), { instanceOf: InvalidCertificateError })
    })
  )
})

const extensions = [
  x509.basicConstraints(true),
  x509.keyUsage(x509.KEY_USAGE.keyCertSign),
  x509.subjectAltName(uuid)
]

const cases: [why: string, der: () => Uint8Array, message: RegExp][] = [
  ['with a byte after it', () => Uint8Array.of(...certificate, 0), /bytes follow/],
  ['of a size that no authority has', () => new Uint8Array(4097), /4097 bytes are more than 4096/],
  ['in PEM', () => Buffer.from(x509.certificatePem(certificate)), /plain DER|not an X\.509/],
  [
    'that is no authority',
    () => make({ extensions: [x509.basicConstraints(false), x509.subjectAltName(uuid)] }),
    /CA:TRUE/
  ],
  [
    'that may not sign certificates',
    () =>
      make({
        extensions: [
          x509.basicConstraints(true),
          x509.keyUsage(x509.KEY_USAGE.digitalSignature),
          x509.subjectAltName(uuid)
        ]
      }),
    /CA:TRUE/
  ],
  [
    'whose alternative name is another UUID',
    () => make({ extensions: [x509.basicConstraints(true), x509.subjectAltName(other)] }),
    /alternative name is not urn:uuid:6409808a/
  ],
  [
    'without an alternative name',
    () => make({ extensions: [x509.basicConstraints(true)] }),
    /alternative name/
  ],
  [
    'issued by another name',
    () => make({ issuer: x509.nodeName(other) }),
    /issuer and subject differ/
  ],
  [
    'signed by another key',
    () => make({}, generateKeyPairSync('rsa', { modulusLength: 2048 })),
    /its own key did not sign it/
  ],
  [
    'whose RSA key is weak',
    () => makeWith(generateKeyPairSync('rsa', { modulusLength: 1024 })),
    /2048 to 8192 bits/
  ],
  [
    'whose key is not RSA',
    () =>
      make({
        spki: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
      }),
    /2048 to 8192 bits/
  ],
  [
    'whose common name is no UUID',
    // A text that would read as two names where values are not escaped.
    () => makeNamed(`x, CN = ${uuid}`),
    /common name is not one UUID/
  ],
  ['whose common name is in capitals', () => makeNamed(uuid.toUpperCase()), /common name/]
]

for (const [why, der, message] of cases) {
  test(`a certificate ${why} is refused`, t => {
    refuses(t, der(), message)
  })
}

function refuses(t: ExecutionContext, der: Uint8Array, message: RegExp): void {
  const error = t.throws(() => readAuthorityCertificate(der), {
    instanceOf: InvalidCertificateError,
    code: 'PLEXNET_INVALID_CERTIFICATE'
  })
  t.regex(error?.message ?? '', message)
}

function make(fields: Partial<CertificateFields>, signer = pair): Uint8Array {
  const name = x509.nodeName(uuid)

  return x509.buildCertificate(
    {
      serial,
      issuer: name,
      subject: name,
      notBefore: now,
      notAfter: now + 1,
      spki,
      extensions,
      ...fields
    },
    message => sign('sha256', message, signer.privateKey)
  )
}

function makeWith(signer: typeof pair): Uint8Array {
  return make({ spki: signer.publicKey.export({ type: 'spki', format: 'der' }) }, signer)
}

function makeNamed(text: string): Uint8Array {
  const name = x509.nodeName(text as typeof uuid)

  return make({ issuer: name, subject: name })
}

async function makeByOpenssl(t: ExecutionContext, options: string[]): Promise<Uint8Array> {
  const directory = await vacantDirectory(t)
  await mkdir(directory)
  const out = join(directory, 'ca.der')
  const key = join(directory, 'ca.key')
  const request = `req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=${uuid} -outform DER`
  await opensslText([
    ...request.split(' '),
    '-addext',
    `subjectAltName=URI:urn:uuid:${uuid}`,
    '-keyout',
    key,
    '-out',
    out,
    ...options
  ])

  return new Uint8Array(await readFile(out))
}
