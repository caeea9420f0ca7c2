import fc from 'fast-check'
import test from 'ava'
import { fromString } from 'uint8arrays'
import {
  InvalidFingerprintError,
  fingerprintOf,
  formatFingerprint,
  parseFingerprint
} from '../../identity/index.ts'

const SAMPLE = 'SHA1: A5CA 58AF B998 5A63 76A8 30F3 9703 726F AB2F C8DF'
const SAMPLE_DIGEST = fromString(
  '\u00A5\u00CAX\u00AF\u00B9\u0098Zcv\u00A80\u00F3\u0097\u0003ro\u00AB/\u00C8\u00DF',
  'latin1'
)

// A21
test("the specification's own sample is printed from its bytes and read back", t => {
  t.is(formatFingerprint({ algorithm: 'sha1', digest: SAMPLE_DIGEST }), SAMPLE)
  t.deepEqual(parseFingerprint(SAMPLE), { algorithm: 'sha1', digest: SAMPLE_DIGEST })
})

test('a fingerprint is the digest of the certificate', t => {
  // FIPS 180 examples for "abc".
  const abc = fromString('abc')

  t.is(
    formatFingerprint(fingerprintOf(abc, 'sha1')),
    'SHA1: A999 3E36 4706 816A BA3E 2571 7850 C26C 9CD0 D89D'
  )
  t.is(
    formatFingerprint(fingerprintOf(abc, 'sha256')),
    'SHA256: BA78 16BF 8F01 CFEA 4141 40DE 5DAE 2223 B003 61A3 9617 7A9C B410 FF61 F200 15AD'
  )
})

// A22: as people read it over the telephone, write it on paper, or copy it from another tool.
for (const text of [
  'sha1: a5ca 58af b998 5a63 76a8 30f3 9703 726f ab2f c8df',
  'SHA-1: A5CA 58AF B998 5A63 76A8 30F3 9703 726F AB2F C8DF',
  'SHA1:A5CA58AFB9985A6376A830F39703726FAB2FC8DF',
  'SHA1 A5CA-58AF-B998-5A63-76A8-30F3-9703-726F-AB2F-C8DF',
  '  SHA1 :\n A5CA 58AF B998 5A63 76A8\n 30F3 9703 726F AB2F C8DF \n',
  'sha1 Fingerprint=A5:CA:58:AF:B9:98:5A:63:76:A8:30:F3:97:03:72:6F:AB:2F:C8:DF',
  'A5:CA:58:AF:B9:98:5A:63:76:A8:30:F3:97:03:72:6F:AB:2F:C8:DF',
  'a5ca58afb9985a6376a830f39703726fab2fc8df'
]) {
  test(`${JSON.stringify(text)} is the same fingerprint`, t => {
    t.deepEqual(parseFingerprint(text), { algorithm: 'sha1', digest: SAMPLE_DIGEST })
  })
}

for (const [why, text] of [
  ['nothing', ''],
  ['a digit less', SAMPLE.slice(0, -1)],
  ['a digit more', `${SAMPLE}0`],
  ['the length of another hash', SAMPLE.replace('SHA1', 'SHA256')],
  ['an unknown hash', SAMPLE.replace('SHA1', 'MD5')],
  ['a letter that is no digit', SAMPLE.replace('A5CA', 'G5CA')],
  ['a text without end', `${SAMPLE}${' '.repeat(100_000)}`]
] as const) {
  test(`a fingerprint with ${why} is refused`, t => {
    t.throws(() => parseFingerprint(text), {
      instanceOf: InvalidFingerprintError,
      code: 'PLEXNET_INVALID_FINGERPRINT'
    })
  })
}

test('what is printed is read back, whatever the digest', t => {
  const digests = fc.oneof(
    fc.record({
      algorithm: fc.constant('sha1' as const),
      digest: fc.uint8Array({ minLength: 20, maxLength: 20 })
    }),
    fc.record({
      algorithm: fc.constant('sha256' as const),
      digest: fc.uint8Array({ minLength: 32, maxLength: 32 })
    })
  )
  fc.assert(
    fc.property(digests, fingerprint => {
      t.deepEqual(parseFingerprint(formatFingerprint(fingerprint)), fingerprint)
    })
  )
})

test('any text gives a fingerprint or the error of its own kind', t => {
  const texts = fc.oneof(
    fc.string(),
    fc.stringMatching(/^([Ss][Hh][Aa]-?(1|256))?[ :=]*[0-9a-fA-F :]{0,90}$/)
  )
  fc.assert(
    fc.property(texts, text => {
      try {
        t.true([20, 32].includes(parseFingerprint(text).digest.byteLength))
      } catch (error) {
        t.true(error instanceof InvalidFingerprintError)
      }
    })
  )
})
