import test from 'ava'
import { compareWithReal } from '../../../simulations/real/agreement.ts'

test('a figure agrees within its tolerance and what the seeds differ by', t => {
  const runs = [{ hops: 1.9 }, { hops: 2 }, { hops: 2.1 }]
  const verdictOf = (hops: number): boolean =>
    compareWithReal({ hops: { share: 0.1 } }, runs, { hops })[0]!.isMet

  // 10 % of 2, and twice the deviation of 0.1.
  t.true(verdictOf(2.39))
  t.true(verdictOf(1.61))
  t.false(verdictOf(2.41))
  t.false(verdictOf(1.59))
})

test('points of percent are added, not multiplied', t => {
  const [agreement] = compareWithReal({ found: { points: 5 } }, [{ found: 50 }], { found: 44 })

  t.is(agreement?.tolerance, 5)
  t.false(agreement?.isMet)
})

test('a figure that nobody can tell is left out', t => {
  const tolerances = { found: { points: 5 }, hops: { share: 0.1 } }

  t.deepEqual(compareWithReal(tolerances, [{ found: Number.NaN }], { found: 1, hops: 1 }), [])
  t.deepEqual(compareWithReal(tolerances, [{ found: 1, hops: 1 }], { hops: Number.NaN }), [])
})
