import { isIP } from 'node:net'
import fc from 'fast-check'
import test from 'ava'
import { InvalidCertificateNameError } from '../../../identity/index.ts'
import { canonicalNames } from '../../../identity/x509/canonical-names.ts'
import { ipFromBytes, ipToBytes } from '../../../identity/x509/ip.ts'

test('each name stands once, in one form', t => {
  t.deepEqual(
    canonicalNames({
      ips: ['127.0.0.1', '::1', '0:0:0:0:0:0:0:1', '2001:DB8::0:1', '::ffff:127.0.0.1'],
      hosts: ['Example.ORG', 'example.org.', '203.0.113.7', '*.local']
    }),
    {
      ips: ['127.0.0.1', '::1', '2001:db8::1', '203.0.113.7'],
      hosts: ['example.org', '*.local']
    }
  )
})

for (const [text, bytes] of [
  ['0.0.0.0', [0, 0, 0, 0]],
  ['192.0.2.255', [192, 0, 2, 255]],
  ['::', Array.from({ length: 16 }, () => 0)],
  ['1::', [0, 1, ...Array.from({ length: 14 }, () => 0)]],
  ['fe80::1%eth0', [0xfe, 0x80, ...Array.from({ length: 13 }, () => 0), 1]],
  ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ['::ffff:192.0.2.1', [192, 0, 2, 1]],
  ['64:ff9b::192.0.2.1', [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]]
] as const) {
  test(`${text} has its bytes in network order`, t => {
    t.deepEqual(ipToBytes(text), Uint8Array.from(bytes))
  })
}

test('every address comes back in a form that names the same address', t => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
      const bytes = ipToBytes(text)
      t.not(isIP(ipFromBytes(bytes)), 0)
      t.deepEqual(ipToBytes(ipFromBytes(bytes)), bytes)
    })
  )
})

for (const host of [
  '',
  '.',
  'a..b',
  '-a',
  'a-',
  'a b',
  'bücher.example',
  'a\0b',
  '*',
  '*.*.a',
  'x'.repeat(64),
  Array.from({ length: 64 }, () => 'abc').join('.')
]) {
  test(`the host ${JSON.stringify(host)} cannot stand in a certificate`, t => {
    t.throws(() => canonicalNames({ ips: [], hosts: [host] }), {
      instanceOf: InvalidCertificateNameError
    })
  })
}

for (const ip of ['', '1.2.3', '1.2.3.4.5', ':::', '12345::', '%eth0', 'localhost']) {
  test(`the address ${JSON.stringify(ip)} cannot stand in a certificate`, t => {
    t.throws(() => canonicalNames({ ips: [ip], hosts: [] }), {
      instanceOf: InvalidCertificateNameError
    })
  })
}
