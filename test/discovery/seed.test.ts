import test from 'ava'
import fc from 'fast-check'
import { formatHttpsSeed, parseSeed, SeedError } from '../../discovery/index.ts'
import { formatFingerprint, parseFingerprint } from '../../identity/index.ts'

const SHA256 = 'A5CA58AF'.repeat(8)
const SHA1 = '0123456789ABCDEF0123456789ABCDEF01234567'

const ORIGINS: [text: string, origin: string][] = [
  ['https://seed.example', 'https://seed.example:9010'],
  ['https://seed.example/', 'https://seed.example:9010'],
  ['https://seed.example:9010', 'https://seed.example:9010'],
  ['https://seed.example:443', 'https://seed.example:443'],
  ['https://seed.example:443/', 'https://seed.example:443'],
  [`https://seed.example:443#${SHA1}`, 'https://seed.example:443'],
  ['HTTPS://SEED.EXAMPLE:443', 'https://seed.example:443'],
  ['https://192.0.2.1', 'https://192.0.2.1:9010'],
  ['https://[2001:db8::1]', 'https://[2001:db8::1]:9010'],
  ['https://[2001:db8::1]:443', 'https://[2001:db8::1]:443'],
  ['https://[2001:DB8:0::1]:4430', 'https://[2001:db8::1]:4430'],
  ['  https://seed.example  ', 'https://seed.example:9010'],
  ['https://seed.example:8443/any/path?query', 'https://seed.example:8443']
]

for (const [text, origin] of ORIGINS) {
  test(`"${text}" is asked at ${origin}`, t => {
    const seed = parseSeed(text)

    t.is(seed.kind, 'https')
    t.is(seed.kind === 'https' ? seed.origin : undefined, origin)
  })
}

const PINS = [
  `SHA256:${SHA256}`,
  `sha-256:${SHA256.toLowerCase()}`,
  SHA256,
  // As the specification prints it, and as a browser's address bar would encode that.
  formatFingerprint(parseFingerprint(SHA256)),
  encodeURIComponent(formatFingerprint(parseFingerprint(SHA256))),
  `SHA1:${SHA1}`,
  `SHA1: ${SHA1.match(/.{4}/g)?.join(' ')}`
]

for (const pin of PINS) {
  test(`the pin "${pin}" is read`, t => {
    const seed = parseSeed(`https://seed.example#${pin}`)

    t.deepEqual(
      seed.kind === 'https' ? seed.fingerprint : undefined,
      parseFingerprint(pin.includes('SHA1') ? SHA1 : SHA256)
    )
  })
}

test('a seed without # is not pinned', t => {
  t.false('fingerprint' in parseSeed('https://seed.example'))
  t.false('fingerprint' in parseSeed('https://seed.example#'))
})

test('what one node tells of itself as a seed, another reads', t => {
  const fingerprint = parseFingerprint(SHA256)
  const seed = parseSeed(formatHttpsSeed('https://[2001:db8::1]:9010', fingerprint))

  t.like(seed, { kind: 'https', origin: 'https://[2001:db8::1]:9010', fingerprint })
})

test('what begins with a slash is a multiaddr', t => {
  t.deepEqual(parseSeed(' /ip4/192.0.2.1/tcp/7010 '), {
    kind: 'multiaddr',
    text: '/ip4/192.0.2.1/tcp/7010'
  })
})

const RUBBISH = [
  '',
  'seed.example',
  'http://seed.example',
  'https://',
  'https://seed.example:99999',
  'ftp://seed.example',
  'https://seed.example#SHA256:1234',
  `https://seed.example#SHA1:${SHA256}`,
  'https://seed.example#%',
  'https://seed.example#%ff%fe'
]

for (const text of RUBBISH) {
  test(`"${text}" is refused with its text and what to give instead`, t => {
    const error = t.throws(() => parseSeed(text), { instanceOf: SeedError })

    t.is(error?.fault, 'bad-address')
    t.true(error?.message.includes(`"${text}"`))
  })
}

test('whatever is typed, a seed or a SeedError comes out', t => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true })), text => {
      try {
        parseSeed(text)

        return true
      } catch (error) {
        return error instanceof SeedError
      }
    })
  )
  t.pass()
})
