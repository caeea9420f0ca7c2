import test from 'ava'
import fc from 'fast-check'
import { readRanges } from '../../http-gateway/site/range.ts'

// RFC 9110 sections 14.1.2 and 14.2; a file of 1,000 bytes.
const CASES: [string, ReturnType<typeof readRanges>][] = [
  ['bytes=0-0', [{ start: 0, end: 0 }]],
  ['bytes=0-499', [{ start: 0, end: 499 }]],
  ['bytes=500-', [{ start: 500, end: 999 }]],
  ['bytes=0-5000', [{ start: 0, end: 999 }]],
  ['bytes=-1', [{ start: 999, end: 999 }]],
  ['bytes=-5000', [{ start: 0, end: 999 }]],
  ['BYTES=1-2', [{ start: 1, end: 2 }]],
  ['bytes=999-', [{ start: 999, end: 999 }]],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=1000-2000', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=200-50', undefined],
  ['bytes=-', undefined],
  ['bytes=', undefined],
  ['bytes=a-b', undefined],
  [
    'bytes=0-1,5-6',
    [
      { start: 0, end: 1 },
      { start: 5, end: 6 }
    ]
  ],
  [
    'bytes=5-6, 0-1 ,,',
    [
      { start: 5, end: 6 },
      { start: 0, end: 1 }
    ]
  ],
  ['bytes=4-9,0-4', [{ start: 0, end: 9 }]],
  ['bytes=0-4,5-9,2-3', [{ start: 0, end: 9 }]],
  ['bytes=0-1,2000-', [{ start: 0, end: 1 }]],
  ['bytes=1000-,2000-', 'unsatisfiable'],
  ['bytes=0-1,x', undefined],
  [`bytes=${'0-0,'.repeat(65)}`, undefined],
  ['lines=0-1', undefined]
]

for (const [field, expected] of CASES) {
  test(`Range: ${field}`, t => {
    t.deepEqual(readRanges(field, 1000), expected)
  })
}

test('no range of an empty file can be satisfied', t => {
  t.is(readRanges('bytes=0-', 0), 'unsatisfiable')
  t.is(readRanges('bytes=-1', 0), 'unsatisfiable')
})

test('whatever a Range holds, the answer lies within the file', t => {
  const field = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
    fc.nat().map(length => `bytes=-${length}`),
    fc.bigInt({ min: 0n }).map(from => `bytes=${from}-`),
    fc
      .array(fc.tuple(fc.nat(99), fc.nat(99)))
      .map(pairs => `bytes=${pairs.map(([from, length]) => `${from}-${from + length}`).join()}`)
  )

  fc.assert(
    fc.property(field, fc.nat(), (text, size) => {
      const ranges = readRanges(text, size)

      return (
        typeof ranges !== 'object' ||
        (ranges.every(({ start, end }) => 0 <= start && start <= end && end < size) &&
          ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0) <= size)
      )
    })
  )
  t.pass()
})
