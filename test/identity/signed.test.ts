import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, sign } from 'node:crypto'
import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import test from 'ava'
import { InvalidSignedError, openSigned, signBody } from '../../identity/index.ts'
import { openssl } from './helpers/openssl.ts'
import { vacantDirectory } from './helpers/directory.ts'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const MAX = 10_000

interface Signer {
  sign: (message: Uint8Array) => Uint8Array
  spki: Uint8Array
}

const rsa = signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256')
const other = signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256')
const ed25519 = signerOf(generateKeyPairSync('ed25519'), null)

const bodies = fc.oneof(
  fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.uint8Array(), fc.boolean())),
  fc.array(fc.oneof(fc.string(), fc.maxSafeNat(), fc.constant(null)))
)

for (const [kind, signer] of Object.entries({ RSA: rsa, Ed25519: ed25519 })) {
  test(`what an ${kind} key signed is read back and verifies`, t => {
    fc.assert(
      fc.property(bodies, body => {
        const signed = openSigned('node', signBody('node', body, signer.sign), MAX)
        // The codec gives maps without a prototype's help: compare what they encode to.
        t.deepEqual(encode(signed.body), encode(body))
        t.true(signed.verify(signer.spki))
        t.false(signed.verify(other.spki))
      }),
      { numRuns: 20 }
    )
  })

  test(`no mutation of what an ${kind} key signed verifies`, t => {
    const bytes = signBody('node', { uuid: 'a', seq: 7 }, signer.sign)
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Uint8Array.from(bytes)
        mutated[at] = (mutated[at] ?? 0) ^ change
        t.false(verifies('node', mutated, signer.spki))
      }),
      { numRuns: 500 }
    )
  })
}

test('a statement of one kind does not pass for one of another', t => {
  const bytes = signBody('mirror', { seq: 1 }, rsa.sign)

  t.true(openSigned('mirror', bytes, MAX).verify(rsa.spki))
  t.false(openSigned('site', bytes, MAX).verify(rsa.spki))
})

test('the signed message is the one that the design names', async t => {
  const directory = await vacantDirectory(t)
  await mkdir(directory)
  let message = new Uint8Array()
  let signature = new Uint8Array()
  signBody('trust', { level: 3 }, bytes => {
    message = Uint8Array.from(bytes)
    signature = Uint8Array.from(rsa.sign(bytes))

    return signature
  })

  t.is(
    Buffer.from(message).toString('latin1'),
    `plexnet/trust/1\0${Buffer.from(encode({ level: 3 })).toString('latin1')}`
  )
  await writeFile(join(directory, 'key.der'), rsa.spki)
  await writeFile(join(directory, 'signature'), signature)
  const files = [join(directory, 'key.der'), '-signature', join(directory, 'signature')]
  const { stdout } = await openssl(
    ['dgst', '-sha256', '-keyform', 'DER', '-verify', ...files],
    message
  )
  t.is(stdout.toString().trim(), 'Verified OK')
})

test('bytes over the limit are refused before they are parsed', t => {
  // Rubbish too: the length is all that was looked at.
  const error = t.throws(() => openSigned('node', new Uint8Array(MAX + 1), MAX), {
    instanceOf: InvalidSignedError,
    code: 'PLEXNET_INVALID_SIGNED'
  })

  t.regex(error?.message ?? '', /10001 bytes are more than 10000/)
})

const body = encode({ a: 1 })
const signature = new Uint8Array(4)

for (const [why, bytes] of [
  ['nothing', new Uint8Array()],
  ['another value', encode('hello')],
  ['no signature', encode({ body })],
  ['a third entry', encode({ body, signature, more: 1 })],
  ['a body that is not bytes', encode({ body: { a: 1 }, signature })],
  ['a signature that is not bytes', encode({ body, signature: 'x' })],
  ['a body that is not CBOR', encode({ body: Uint8Array.of(0xff), signature })],
  ['a byte after its end', Uint8Array.of(...encode({ body, signature }), 0)],
  ['a number longer than it needs to be', envelopeAround([0xa1, 0x61, 0x61, 0x18, 0x01])],
  ['map keys out of order', envelopeAround([0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x01])],
  ['a map key twice', envelopeAround([0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x01])],
  ['an array of indefinite length', envelopeAround([0x9f, 0xff])],
  ['a number of half precision', envelopeAround([0xf9, 0x3e, 0x00])],
  ['nesting without end', envelopeAround(Array.from({ length: 9000 }, () => 0x81))]
] as const) {
  test(`an envelope with ${why} is refused`, t => {
    t.throws(() => openSigned('node', bytes, MAX), { instanceOf: InvalidSignedError })
  })
}

test('any bytes give a statement or the error of its own kind', t => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.uint8Array().map(wrapped)), bytes => {
      t.false(verifies('node', bytes, rsa.spki))
    })
  )
})

test('a key that is rubbish, too weak or of another kind verifies nothing', t => {
  const weak = signerOf(generateKeyPairSync('rsa', { modulusLength: 1024 }), 'sha256')
  const curve = signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256')
  for (const { sign: make, spki } of [weak, curve]) {
    t.false(openSigned('node', signBody('node', {}, make), MAX).verify(spki))
  }
  const signed = openSigned('node', signBody('node', {}, rsa.sign), MAX)
  fc.assert(fc.property(fc.uint8Array(), spki => !signed.verify(spki)))
})

function signerOf(
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  algorithm: string | null
): Signer {
  return {
    sign: message => sign(algorithm, message, privateKey),
    spki: publicKey.export({ type: 'spki', format: 'der' })
  }
}

function verifies(kind: string, bytes: Uint8Array, spki: Uint8Array): boolean {
  try {
    return openSigned(kind, bytes, MAX).verify(spki)
  } catch (error) {
    if (error instanceof InvalidSignedError) return false
    throw error
  }
}

function envelopeAround(bytes: number[]): Uint8Array {
  return wrapped(Uint8Array.from(bytes))
}

function wrapped(bytes: Uint8Array): Uint8Array {
  return encode({ body: bytes, signature })
}
