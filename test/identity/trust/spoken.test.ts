import test from 'ava'
import fc from 'fast-check'
import { InvalidFingerprintError } from '../../../identity/index.ts'
import { fingerprintWords, parseFingerprintWords } from '../../../identity/trust/spoken.ts'

// A22: a fingerprint is read aloud.
test('a fingerprint comes back from its words, in any case and spacing', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), digest => {
        const words = fingerprintWords({ algorithm: 'sha256', digest })
        const heard = parseFingerprintWords(`  ${words.join(' \n').toUpperCase()} `)

        return words.length === 24 && Buffer.compare(heard.digest, digest) === 0
      })
    )
  )
})

test('the words are those of BIP 39', t => {
  // The vector of 32 bytes 0x7f in the standard's own list.
  const words = fingerprintWords({ algorithm: 'sha256', digest: new Uint8Array(32).fill(0x7f) })

  t.is(
    words.join(' '),
    'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title'
  )
})

const refused = [
  ['a word too few', (words: string[]) => words.slice(1)],
  ['a word too many', (words: string[]) => [...words, 'zoo']],
  ['a word that is none', (words: string[]) => ['xylophon', ...words.slice(1)]],
  ['two words changed over', ([a = '', b = '', ...rest]: string[]) => [b, a, ...rest]]
] as const

for (const [title, change] of refused) {
  test(`refused: ${title}`, t => {
    const digest = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
    const words = fingerprintWords({ algorithm: 'sha256', digest })

    t.throws(() => parseFingerprintWords(change(words).join(' ')), {
      instanceOf: InvalidFingerprintError
    })
  })
}
