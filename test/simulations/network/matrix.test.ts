import test from 'ava'
import { MatrixError, parseMatrix } from '../../../simulations/network/matrix.ts'

test('pairs that were not measured take the other direction, or the mean', t => {
  const matrix = parseMatrix('0 10 0\n12 0 -1\n0 20 0\n')

  t.deepEqual(
    matrix.map(row => [...row]),
    [
      [0, 10, 14],
      [12, 0, 20],
      [14, 20, 0]
    ]
  )
})

for (const [text, complaint] of [
  ['', /2 to 2048 lines, not 0/],
  ['0 1\n2\n', /line 2 of the matrix has 1 numbers/],
  ['0 x\n1 0\n', /line 1 of the matrix holds something/]
] as const) {
  test(`a matrix such as ${JSON.stringify(text)} is refused`, t => {
    t.throws(() => parseMatrix(text), { instanceOf: MatrixError, message: complaint })
  })
}
