import test from 'ava'
import { SlowReaders } from '../../../http-gateway/front/slow-readers/slow-readers.ts'
import { chunkSize } from '../../../http-gateway/site/transfers/chunk-size.ts'

const MIB = 1 << 20

test('a client that takes less than the rate for a whole window is too slow', t => {
  const readers = new SlowReaders(100, 10_000)
  const client = {}

  t.false(readers.isTooSlow(client, true, 0, 0))
  t.false(readers.isTooSlow(client, true, 10, 9999))
  t.true(readers.isTooSlow(client, true, 999, 10_000))
})

test('one that takes the rate is not, window after window', t => {
  const readers = new SlowReaders(100, 10_000)
  const client = {}

  for (let second = 0; second < 100; second += 1) {
    t.false(readers.isTooSlow(client, true, second * 100, second * 1000))
  }
})

test('one that was fast in one window has to be in the next', t => {
  const readers = new SlowReaders(100, 10_000)
  const client = {}

  t.false(readers.isTooSlow(client, true, 0, 0))
  t.false(readers.isTooSlow(client, true, MIB, 10_000))
  t.true(readers.isTooSlow(client, true, MIB + 1, 20_000))
})

test('time in which nothing waits for the client does not count', t => {
  const readers = new SlowReaders(100, 10_000)
  const client = {}

  t.false(readers.isTooSlow(client, true, 0, 0))
  t.false(readers.isTooSlow(client, false, 0, 5000))
  t.false(readers.isTooSlow(client, true, 0, 20_000))
  t.false(readers.isTooSlow(client, true, 0, 29_999))
  t.true(readers.isTooSlow(client, true, 0, 30_000))
})

test('transfers share the bytes for their buffers, within what is useful for each', t => {
  t.is(chunkSize(128 * MIB, 1), MIB)
  t.is(chunkSize(128 * MIB, 64), MIB)
  t.is(chunkSize(128 * MIB, 128), MIB / 2)
  t.is(chunkSize(128 * MIB, 100_000), MIB / 32)
})
