import test from 'ava'
import { formatQuantity, parseQuantity, type Unit } from '../../../simulations/engine/units.ts'

const READ: [string, Unit, number | undefined][] = [
  ['250ms', 'duration', 250_000],
  ['1.5h', 'duration', 5_400_000_000],
  ['10', 'duration', undefined],
  ['-5s', 'duration', undefined],
  ['5 parsecs', 'duration', undefined],
  ['512KiB', 'size', 524_288],
  ['1.5GB', 'size', 1_500_000_000],
  ['20Mbit/s', 'rate', 2_500_000],
  ['20', 'rate', undefined],
  ['20%', 'share', 0.2],
  ['0.2', 'share', 0.2],
  ['1.2', 'share', undefined],
  ['20', 'count', 20],
  ['1e5', 'count', 100_000],
  ['2.5', 'count', undefined],
  ['0.8', 'number', 0.8],
  ['', 'number', undefined],
  ['NaN', 'number', undefined]
]

for (const [text, unit, value] of READ) {
  test(`${JSON.stringify(text)} as a ${unit} is ${value ?? 'refused'}`, t => {
    t.is(parseQuantity(text, unit), value)
  })
}

test('what is printed is read back', t => {
  for (const [text, unit, value] of READ) {
    if (value != null) t.is(parseQuantity(formatQuantity(value, unit), unit), value, text)
  }
})
