import test from 'ava'
import fc from 'fast-check'
import { formatHours, parseHours, untilHours } from '../../../../overlay/mirrors/pace/hours.ts'

const HOUR = 3_600_000

const READ: [string, { from: number; to: number } | undefined][] = [
  ['01:00-06:00', { from: 60, to: 360 }],
  [' 22:30-05:00 ', { from: 1350, to: 300 }],
  ['00:00-24:00', { from: 0, to: 1440 }],
  ['06:00-06:00', undefined],
  ['1:00-6:00', undefined],
  ['24:00-06:00', undefined],
  ['01:00-24:30', undefined],
  ['01:60-02:00', undefined],
  ['01:00', undefined],
  ['01:00-02:00-03:00', undefined],
  ['', undefined]
]

for (const [text, hours] of READ) {
  test(`'${text}' is read as ${JSON.stringify(hours)}`, t => {
    t.deepEqual(parseHours(text), hours)
  })
}

function at(time: string): Date {
  return new Date(`2026-11-21T${time}`)
}

const WAITS: [string, string, number][] = [
  ['01:00-06:00', '01:00:00', 0],
  ['01:00-06:00', '05:59:59.999', 0],
  ['01:00-06:00', '06:00:00', 19 * HOUR],
  ['01:00-06:00', '00:59:59', 1000],
  ['22:30-05:00', '23:00:00', 0],
  ['22:30-05:00', '04:59:59', 0],
  ['22:30-05:00', '05:00:00', 17.5 * HOUR],
  ['22:30-05:00', '22:29:30', 30_000],
  ['00:00-24:00', '23:59:59.999', 0]
]

for (const [hours, time, wait] of WAITS) {
  test(`at ${time} it is ${wait} ms to ${hours}`, t => {
    t.is(untilHours(parseHours(hours) ?? { from: 0, to: 0 }, at(time)), wait)
  })
}

test('who waits as long as it is told to is within the hours, and a ms earlier is not', t => {
  const minute = fc.integer({ min: 0, max: 1439 })
  const day = fc.integer({ min: 0, max: 86_399_999 })

  fc.assert(
    fc.property(minute, minute, day, (from, to, now) => {
      fc.pre(from !== to)

      const hours = { from, to }
      const midnight = at('00:00:00').getTime()
      const wait = untilHours(hours, new Date(midnight + now))

      t.is(untilHours(hours, new Date(midnight + now + wait)), 0)
      t.true(wait === 0 || untilHours(hours, new Date(midnight + now + wait - 1)) === 1)
      t.deepEqual(parseHours(formatHours(hours)), hours)
    })
  )
})
