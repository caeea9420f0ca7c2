/** The examples of RFC 9421: what they sign, byte for byte, and their signatures. */
import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import test from 'ava'
import { signatureBase, type Covered } from '../../../../overlay/audit/message-signature/base.ts'
import { component } from '../../../../overlay/audit/message-signature/component.ts'
import { valueOf, type MessageHead } from '../../../../overlay/audit/message-signature/message.ts'
import { signatureFields, signMessage } from '../../../../overlay/audit/message-signature/sign.ts'
import {
  parseInput,
  readInputs,
  readSignature
} from '../../../../overlay/audit/message-signature/signature-input.ts'
import { ed25519Signer } from '../../../../overlay/content/index.ts'

const REQUEST_DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:'

/** Appendix B.2. */
const REQUEST = {
  method: 'POST',
  target: '/foo?param=Value&Pet=dog',
  authority: 'Example.com',
  scheme: 'https',
  fields: {
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest': REQUEST_DIGEST,
    'content-length': '18'
  }
}

/** Appendix B.1.3 and B.1.4. */
const P256 = createPublicKey({
  format: 'jwk',
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
    y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0'
  }
})
const ED25519_SEED = Buffer.from('n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU', 'base64url')
const ED25519 = createPrivateKey({
  format: 'jwk',
  key: {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
    x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'
  }
})

function baseOf(message: MessageHead, field: string): string {
  const [input] = readInputs(field)
  const covered = (input?.components ?? []).map((one): Covered => [
    one,
    valueOf(one, message) ?? ''
  ])

  return signatureBase(covered, input?.text ?? '') ?? ''
}

function isSignedByP256(base: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')

  return verify('sha256', Buffer.from(base), { key: P256, dsaEncoding: 'ieee-p1363' }, bytes)
}

test('a request that is signed with Ed25519 has the signature of B.2.6', t => {
  const names = ['date', '@method', '@path', '@authority', 'content-type', 'content-length']
  const signature = signMessage(
    { request: REQUEST },
    names.map(name => component(name)),
    ';created=1618884473;keyid="test-key-ed25519"',
    ed25519Signer(ED25519_SEED)
  )

  t.truthy(signature)
  t.deepEqual(signature && signatureFields('sig-b26', signature), [
    'Signature-Input',
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    'Signature',
    'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:'
  ])
})

test('what is signed is the text of B.2.6', t => {
  const field =
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
  const base = baseOf({ request: REQUEST }, field)

  t.is(
    base,
    `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
  )

  const signature = readSignature(
    'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    'sig-b26'
  )

  t.true(verify(null, Buffer.from(base), createPublicKey(ED25519), signature ?? Buffer.alloc(64)))
})

test('the answer of B.2.4 is verified', t => {
  const fields = {
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    'content-length': '23'
  }
  const base = baseOf(
    { request: REQUEST, answer: { status: 200, fields } },
    'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"'
  )

  t.true(
    isSignedByP256(
      base,
      'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=='
    )
  )
})

test('the answer of section 2.4, bound to its request, is verified', t => {
  const fields = {
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBOzq24uJFpHsMuAg==:',
    'content-length': '62'
  }
  const base = baseOf(
    { request: REQUEST, answer: { status: 503, fields } },
    'reqres=("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "content-digest";req);created=1618884479;keyid="test-key-ecc-p256"'
  )

  t.true(base.includes(`\n"content-digest";req: ${REQUEST_DIGEST}\n`))
  t.true(
    isSignedByP256(
      base,
      'dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQQgQPgQp8wq2ive3tV5Ag=='
    )
  )
})

/** Section 2.2, with the requests that stand there. */
const DERIVED: readonly (readonly [name: string, target: string, value: string | undefined])[] = [
  ['@method', '/path?param=value', 'POST'],
  ['@target-uri', '/path?param=value', 'https://www.example.com/path?param=value'],
  ['@authority', '/path?param=value', 'www.example.com'],
  ['@scheme', '/path?param=value', 'https'],
  ['@request-target', '/path?param=value', '/path?param=value'],
  ['@path', '/path?param=value', '/path'],
  ['@query', '/path?param=value&foo=bar&baz=bat%2Dman', '?param=value&foo=bar&baz=bat%2Dman'],
  ['@query', '/path?queryString', '?queryString'],
  ['@query', '/path', '?'],
  ['@status', '/path', undefined],
  ['@unknown', '/path', undefined]
]

for (const [name, target, value] of DERIVED) {
  test(`${name} of ${target} is ${value ?? 'nothing'}`, t => {
    const request = { method: 'POST', target, authority: 'www.example.com', scheme: 'https' }

    t.is(valueOf(component(name), { request }), value)
  })
}

test('lines of one field are one value, without the space around them (section 2.1)', t => {
  const request = {
    method: 'GET',
    target: '/',
    fields: { 'cache-control': ['max-age=60 ', '   must-revalidate'], date: ' Tue ', empty: '' }
  }

  t.is(valueOf(component('cache-control'), { request }), 'max-age=60, must-revalidate')
  t.is(valueOf(component('date'), { request }), 'Tue')
  t.is(valueOf(component('empty'), { request }), '')
  t.is(valueOf(component('absent'), { request }), undefined)
})

test('an answer has its own fields, and those of its request only where it says so', t => {
  const message = {
    request: { method: 'GET', target: '/', fields: { etag: 'theirs' } },
    answer: { status: 200, fields: { etag: 'ours' } }
  }

  t.is(valueOf(component('etag'), message), 'ours')
  t.is(valueOf(component('etag', { ofRequest: true }), message), 'theirs')
  t.is(valueOf(component('@method'), message), undefined)
  t.is(valueOf(component('@status', { ofRequest: true }), message), undefined)
})

const NOT_READ = [
  'sig=("a";sf)',
  'sig=("a";key="b")',
  'sig=("a" "a")',
  'sig=(a)',
  'sig=("A")',
  'sig="a"',
  'sig=("a"',
  'sig=("a";req="x")',
  `sig=(${'"a" '.repeat(2000)})`
]

for (const field of NOT_READ) {
  test(`${field.slice(0, 30)} names nothing that is read`, t => {
    t.deepEqual(readInputs(field), [])
  })
}

test('a list in another spelling is not the list', t => {
  t.truthy(parseInput('("a" "b");created=1'))
  for (const text of ['("a"  "b");created=1', '( "a" "b");created=1', '("a" "b");created=01']) {
    t.is(parseInput(text), undefined)
  }
  t.is(parseInput('("a"), t=("b")'), undefined)
})

test('a value with a line break is not signed', t => {
  const request = { method: 'GET', target: '/', fields: { etag: 'x\n"date": y' } }

  t.is(
    signMessage({ request }, [component('etag')], '', () => Buffer.alloc(64)),
    undefined
  )
})
