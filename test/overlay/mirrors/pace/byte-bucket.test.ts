import test from 'ava'
import fc from 'fast-check'
import { ByteBucket } from '../../../../overlay/mirrors/pace/byte-bucket.ts'

test('whatever is asked for and whenever, no more passes than the rate times the time and one burst', t => {
  const steps = fc.array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 4000 }),
      passed: fc.integer({ min: 0, max: 900 })
    }),
    { minLength: 1, maxLength: 200 }
  )

  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), steps, (rate, asked) => {
      const burst = 2000
      const bucket = new ByteBucket(rate, burst, 0)
      let now = 0
      let through = 0
      let largest = burst

      for (const { bytes, passed } of asked) {
        now += passed
        if (bucket.waitFor(bytes, now) > 0) continue
        bucket.spend(bytes, now)
        through += bytes
        largest = Math.max(largest, bytes)
        // What is larger than the bucket is paid back afterwards.
        t.true(through <= (rate * now) / 1000 + largest + 0.01)
      }
    })
  )
})

test('who waits as long as it is told to may pass, and not much earlier', t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 1_000_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      (rate, bytes) => {
        const wait = empty(rate).waitFor(bytes, 0)

        t.is(empty(rate).waitFor(bytes, wait), 0)
        t.true(wait < 3 || empty(rate).waitFor(bytes, wait - 2) > 0)
      }
    )
  )
})

function empty(rate: number): ByteBucket {
  const bucket = new ByteBucket(rate, rate, 0)

  bucket.spend(rate, 0)

  return bucket
}

test('what did not come is given back, and what came beyond the expected is paid', t => {
  const bucket = new ByteBucket(100, 100, 0)

  bucket.spend(100, 0)
  bucket.giveBack(60, 0)
  t.is(bucket.waitFor(60, 0), 0)
  bucket.giveBack(-160, 0)
  t.is(bucket.waitFor(100, 0), 2000)
})

test('a clock that goes back gives nothing', t => {
  const bucket = new ByteBucket(100, 100, 10_000)

  bucket.spend(100, 10_000)
  t.is(bucket.waitFor(100, 0), 1000)
})
