import test from 'ava'
import fc from 'fast-check'
import { exp, log, power } from '../../../simulations/engine/pinned-math.ts'

/** Two units in the last place. */
const CLOSE = 2 ** -51

const PINNED = [
  '1655b5bbb16b0240',
  '21a7bdfc7843f3bf',
  '6a57148b0abf0540',
  '25f494c08503b53f',
  'f1b5b7a04acb0b40'
]

test('log agrees with the platform to two units in the last place', t => {
  fc.assert(
    fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), x => {
      t.true(Math.abs(log(x) - Math.log(x)) <= CLOSE * Math.max(Math.abs(Math.log(x)), 2 ** -52))
    }),
    { numRuns: 2000 }
  )
})

test('exp agrees with the platform to a few units in the last place', t => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), x => {
      t.true(Math.abs(exp(x) / Math.exp(x) - 1) <= 2 * CLOSE)
    }),
    { numRuns: 2000 }
  )
})

test('the edges are as in IEEE 754', t => {
  t.is(log(0), -Infinity)
  t.is(log(1), 0)
  t.is(log(Infinity), Infinity)
  t.true(Number.isNaN(log(-1)))
  t.is(exp(0), 1)
  t.is(exp(-Infinity), 0)
  t.is(exp(Infinity), Infinity)
  t.true(Number.isNaN(exp(Number.NaN)))
  t.is(power(0, 2), 0)
  t.is(power(5, 0), 1)
  t.true(Math.abs(power(2, 10) - 1024) < 1e-9)
})

test('the bits are those they always were', t => {
  t.deepEqual([log(10), log(0.3), exp(1), exp(-2.5), power(7, 0.64)].map(bitsOf), PINNED)
})

function bitsOf(x: number): string {
  return Buffer.from(Float64Array.of(x).buffer).toString('hex')
}
