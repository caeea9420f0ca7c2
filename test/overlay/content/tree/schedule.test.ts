import test from 'ava'
import {
  delayOfRepeat,
  delayOfRetry,
  delayOfRun
} from '../../../../overlay/content/tree/schedule.ts'

test('a change is looked at once nothing more has happened for a moment', t => {
  t.is(delayOfRun(1000, 1000, 1000), 60)
  t.is(delayOfRun(1000, 1040, 1050), 50)
  t.is(delayOfRun(1000, 1000, 1060), 0)
})

test('changes that do not end are looked at while they come', t => {
  t.is(delayOfRun(1000, 2990, 2990), 10)
  t.is(delayOfRun(1000, 9000, 9000), 0)
})

test('files that keep changing, and runs that fail, are tried less and less often', t => {
  t.deepEqual([1, 2, 3, 7, 100].map(delayOfRetry), [100, 200, 400, 5000, 5000])
  t.deepEqual([1, 2, 6, 7, 1000].map(delayOfRepeat), [1000, 2000, 32_000, 60_000, 60_000])
})
