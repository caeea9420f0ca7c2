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
  ['', 'milliseconds', undefined],
  ['10Mbit', 'rate', 1_250_000],
  ['10Mbit/s', 'rate', 1_250_000],
  ['10MB/s', 'rate', 10_000_000],
  ['1.5 MiB', 'rate', 1_572_864],
  ['8bit', 'rate', 1],
  ['4096', 'rate', 4096],
  // Bits or bytes?
  ['10Mb', 'rate', undefined],
  ['10mbit', 'rate', undefined],
  ['10Mbit', 'bytes', undefined],
  ['5MiB/s', 'bytes', undefined],
  ['4h/s', 'milliseconds', undefined]
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
  t.is(formatQuantity(1_250_000, 'rate'), '10Mbit/s')
  t.is(formatQuantity(1 << 20, 'rate'), '1MiB/s')
  t.is(formatQuantity(1001, 'rate'), '1001B/s')
  t.is(formatQuantity(0, 'rate'), '0B/s')
})
