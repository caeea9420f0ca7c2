import test from 'ava'
import fc from 'fast-check'
import { InvalidNameError } from '../../../identity/index.ts'
import { encodeNames, readNames } from '../../../identity/names/book.ts'
import { suspicionOf } from '../../../identity/names/look-alike.ts'
import { parseName } from '../../../identity/names/name.ts'

// A43
const read: [string, string[]][] = [
  ['alice', ['alice']],
  ['Alice', ['alice']],
  ['alice/blog', ['alice', 'blog']],
  ['blog.alice', ['alice', 'blog']],
  ['a.b.c', ['c', 'b', 'a']],
  ['Çelik', ['çelik']],
  // Decomposed letters are the same letters.
  ['e\u0301lan', ['élan']],
  ['пример', ['пример']],
  ['日本', ['日本']],
  ['my-blog-2', ['my-blog-2']]
]

for (const [text, path] of read) {
  test(`${text} is read as ${path.join(' then ')}`, t => {
    t.deepEqual(parseName(text), path)
  })
}

const refused = [
  '',
  '.',
  'alice.',
  '/alice',
  'a b',
  'a_b',
  '-alice',
  'alice-',
  'xn--e1afmkfd',
  'ab--c',
  'a.b.c.d.e',
  'a'.repeat(33),
  '6409808a-3548',
  'alice\u200b',
  'alice\n',
  '../etc'
]

for (const text of refused) {
  test(`refused as a name: ${JSON.stringify(text)}`, t => {
    t.throws(() => parseName(text), { instanceOf: InvalidNameError })
  })
}

test('a name that looks like a known one is told, and one of mixed scripts', t => {
  t.deepEqual(suspicionOf('раураl', ['paypal']), { kind: 'look-alike', of: 'paypal' })
  t.deepEqual(suspicionOf('paypa1', ['paypal']), { kind: 'look-alike', of: 'paypal' })
  t.deepEqual(suspicionOf('rnicro', ['micro']), { kind: 'look-alike', of: 'micro' })
  t.is(suspicionOf('раypal', [])?.kind, 'mixed')
  t.is(suspicionOf('пример', ['paypal']), undefined)
  t.is(suspicionOf('alice', ['alice', 'bob']), undefined)
})

test('whatever bytes come as a list of names, there is a list or a typed error', t => {
  const good = encodeNames(new Map())

  t.deepEqual(readNames(good), new Map())
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        try {
          return readNames(bytes) instanceof Map
        } catch (error) {
          return error instanceof InvalidNameError
        }
      })
    )
  )
})
