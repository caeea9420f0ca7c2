import { generateKeyPairSync, randomBytes } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { decodePem, encodePem } from '../../../identity/files/pem.ts'
import { readLibp2pKey } from '../../../identity/keys/libp2p-key.ts'
import {
  MAX_KDF_ITERATIONS,
  readSealedKey,
  sealKey,
  unsealKey
} from '../../../identity/keys/sealed-key.ts'
import * as der from '../../../identity/x509/der.ts'
import { openssl, opensslText } from '../helpers/openssl.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const plain = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const cost = { salt: randomBytes(16), iv: randomBytes(16), iterations: 1000 }

// A23
test('openssl opens the sealed key with the passphrase and not with another', async t => {
  const pem = await sealKey(privateKey, 'paß wörd', cost)

  t.is(await opensslText(['pkey', '-passin', 'pass:paß wörd'], pem), plain)
  t.not((await openssl(['pkey', '-passin', 'pass:other'], pem)).status, 0)
  t.false(pem.includes(plain.split('\n')[1] ?? ''))
})

test('a key that openssl sealed is opened', async t => {
  const command = 'pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 5000 -passout pass:x'
  const sealed = readSealedKey(await opensslText(command.split(' '), plain))

  t.is(sealed.iterations, 5000)
  t.true((await unsealKey(sealed, 'x'))?.equals(privateKey))
})

test('a passphrase typed on another keyboard, with its accents apart, is the same', async t => {
  const sealed = readSealedKey(await sealKey(privateKey, 'caf\u00E9', cost))

  t.true((await unsealKey(sealed, 'cafe\u0301'))?.equals(privateKey))
})

test('no other passphrase opens a key', async t => {
  const sealed = readSealedKey(await sealKey(privateKey, 'right', { ...cost, iterations: 1 }))
  await fc.assert(
    fc.asyncProperty(fc.string(), async passphrase => {
      fc.pre(passphrase !== 'right')
      t.is(await unsealKey(sealed, passphrase), undefined)
    }),
    // Enough that wrong padding comes out right a few times.
    { numRuns: 1000 }
  )
})

test('a sealed key that lost or changed any byte is known as damaged without a passphrase', async t => {
  const pem = await sealKey(privateKey, 'x', { ...cost, iterations: 1 })
  const start = pem.indexOf('-----BEGIN')
  fc.assert(
    fc.property(fc.integer({ min: start, max: pem.length - 3 }), fc.boolean(), (at, cut) => {
      const other = pem[at] === 'A' ? 'B' : 'A'
      const changed = cut ? pem.slice(0, at) : pem.slice(0, at) + other + pem.slice(at + 1)
      t.throws(() => readSealedKey(changed), { instanceOf: TypeError })
    })
  )
})

for (const [why, command] of [
  ['an old cipher', '-v2 des3'],
  ['a shorter key', '-v2 aes-128-cbc'],
  ['an old hash', '-v2 aes-256-cbc -v2prf hmacWithSHA1'],
  ['another way to derive the key', '-scrypt -scrypt_N 1024']
] as const) {
  test(`a key sealed with ${why} is refused before anything is computed`, async t => {
    const pem = await opensslText(
      ['pkcs8', '-topk8', '-passout', 'pass:x', ...command.split(' ')],
      plain
    )
    t.throws(() => readSealedKey(pem), { message: /not encrypted by PBKDF2/ })
  })
}

for (const iterations of [0, -1, MAX_KDF_ITERATIONS + 1, 2 ** 40]) {
  test(`a key whose file asks for ${iterations} iterations is refused before anything is computed`, async t => {
    const pem = await sealKey(privateKey, 'x', { ...cost, iterations: 1 })

    t.throws(() => readSealedKey(withIterations(pem, iterations)), {
      message: /in bounds that are accepted/
    })
  })
}

test('the most iterations that are accepted are read', async t => {
  const pem = await sealKey(privateKey, 'x', { ...cost, iterations: 1 })

  t.is(readSealedKey(withIterations(pem, MAX_KDF_ITERATIONS)).iterations, MAX_KDF_ITERATIONS)
})

test('any text is refused in words', t => {
  fc.assert(
    fc.property(fc.string(), text => {
      t.throws(() => readSealedKey(text), { instanceOf: TypeError })
      t.throws(() => readLibp2pKey(text), { instanceOf: TypeError })
    })
  )
})

test('a libp2p key of another kind is refused', t => {
  t.throws(() => readLibp2pKey(plain), { message: /not of the kind Ed25519/ })
})

function withIterations(pem: string, iterations: number): string {
  const label = 'ENCRYPTED PRIVATE KEY'
  const root = der.parseDer(decodePem(label, pem))
  const [algorithm] = der.childrenOf(root)
  const [derivation] = der.childrenOf(der.childrenOf(algorithm)[1])
  const large = Buffer.alloc(8)
  large.writeBigInt64BE(BigInt(iterations))
  const parameters = der.childrenOf(der.childrenOf(derivation)[1])
  parameters[1] = der.integer(iterations < 2 ** 31 ? iterations : large)

  return encodePem(label, der.encodeDer(root))
}
