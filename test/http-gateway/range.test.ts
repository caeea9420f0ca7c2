import test from 'ava'
import fc from 'fast-check'
import { readRange } from '../../http-gateway/site/range.ts'

// RFC 9110 sections 14.1.2 and 14.2; a file of 1,000 bytes.
const CASES: [string, ReturnType<typeof readRange>][] = [
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=0-499', { start: 0, end: 499 }],
  ['bytes=500-', { start: 500, end: 999 }],
  ['bytes=0-5000', { start: 0, end: 999 }],
  ['bytes=-1', { start: 999, end: 999 }],
  ['bytes=-5000', { start: 0, end: 999 }],
  ['BYTES=1-2', { start: 1, end: 2 }],
  ['bytes=999-', { start: 999, end: 999 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=1000-2000', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=200-50', undefined],
  ['bytes=-', undefined],
  ['bytes=', undefined],
  ['bytes=a-b', undefined],
  ['bytes=0-1,5-6', undefined],
  ['lines=0-1', undefined]
]

for (const [field, expected] of CASES) {
  test(`Range: ${field}`, t => {
    t.deepEqual(readRange(field, 1000), expected)
  })
}

test('no range of an empty file can be satisfied', t => {
  t.is(readRange('bytes=0-', 0), 'unsatisfiable')
  t.is(readRange('bytes=-1', 0), 'unsatisfiable')
})

test('whatever a Range holds, the answer lies within the file', t => {
  const field = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
    fc.nat().map(length => `bytes=-${length}`),
    fc.bigInt({ min: 0n }).map(from => `bytes=${from}-`)
  )

  fc.assert(
    fc.property(field, fc.nat(), (text, size) => {
      const range = readRange(text, size)

      return (
        typeof range !== 'object' ||
        (0 <= range.start && range.start <= range.end && range.end < size)
      )
    })
  )
  t.pass()
})
