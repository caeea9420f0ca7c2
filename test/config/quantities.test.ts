import test from 'ava'
import { formatQuantity, parseQuantity, type Unit } from '../../config/quantities.ts'

const READ: [string, Unit, number | undefined][] = [
  ['4h', 'milliseconds', 14_400_000],
  ['250ms', 'milliseconds', 250],
  ['1.5 s', 'milliseconds', 1500],
  ['60', 'milliseconds', 60],
  ['5MiB', 'bytes', 5_242_880],
  ['5MB', 'bytes', 5_000_000],
  ['5mib', 'bytes', undefined],
  ['5h', 'bytes', undefined],
  ['-1s', 'milliseconds', undefined],
  ['', 'milliseconds', undefined]
]

for (const [text, unit, value] of READ) {
  test(`'${text}' in ${unit} is ${value}`, t => {
    t.is(parseQuantity(text, unit), value)
  })
}

test('a quantity is written in the largest unit that divides it', t => {
  t.is(formatQuantity(14_400_000, 'milliseconds'), '4h')
  t.is(formatQuantity(1500, 'milliseconds'), '1500ms')
  t.is(formatQuantity(5_242_880, 'bytes'), '5MiB')
  t.is(formatQuantity(0, 'bytes'), '0B')
})
