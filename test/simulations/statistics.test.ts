import test from 'ava'
import { estimate, fitLine, quantile } from '../../simulations/statistics.ts'
import { lowerHull, valueOn } from '../../simulations/lower-hull.ts'
import { nearestName } from '../../simulations/nearest-name.ts'

test("the interval of a mean is Student's", t => {
  // Mean 3, deviation 1.5811, five values: 2.776 × 1.5811 / √5.
  const { mean, interval, least, most } = estimate([1, 2, 3, 4, 5])

  t.is(mean, 3)
  t.true(Math.abs(interval - 1.963) < 0.001)
  t.deepEqual([least, most], [1, 5])
  t.is(estimate([7]).interval, 0)
})

test('a line through points on a line explains all', t => {
  const { slope, intercept, rSquared } = fitLine([
    [0, 1],
    [1, 3],
    [2, 5]
  ])

  t.deepEqual([slope, intercept, rSquared], [2, 1, 1])
})

test('quantiles are values that were seen', t => {
  t.is(quantile([1, 2, 3, 4], 0.5), 2)
  t.is(quantile([1, 2, 3, 4], 1), 4)
  t.is(quantile([1, 2, 3, 4], 0), 1)
  t.is(quantile([], 0.5), Number.NaN)
})

test('the lower hull leaves out what a mix of others beats', t => {
  const hull = lowerHull([
    [1, 10],
    [2, 8],
    [3, 4],
    [4, 5],
    [5, 3]
  ])

  t.deepEqual(hull, [
    [1, 10],
    [3, 4],
    [5, 3]
  ])
  t.is(valueOn(hull, 2), 7)
  t.is(valueOn(hull, 0), 10)
  t.is(valueOn(hull, 9), 3)
})

test('a near name is proposed, a far one is not', t => {
  t.is(nearestName('lokup', ['lookup', 'churn']), 'lookup')
  t.is(nearestName('weather', ['lookup', 'churn']), undefined)
})
