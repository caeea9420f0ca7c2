import test from 'ava'
import { resolveValues } from '../../simulations/parameters.ts'
import { CHURN } from '../../simulations/scenarios/churn.ts'
import { sweepCharts, type SweepPoint } from '../../simulations/sweep.ts'

const ESTIMATE = { mean: 50, interval: 2, least: 48, most: 52, count: 20 }

function pointAt(combination: Record<string, string>): SweepPoint {
  return {
    combination,
    values: resolveValues(CHURN, combination),
    summary: { seeds: 20, figures: { found: ESTIMATE }, charts: {} }
  }
}

for (const [name, values, label, xs] of [
  ['nat.behind', ['60%', '0.3'], 'nat.behind, %', [30, 60]],
  ['pause.mean', ['1h', '10s'], 'pause.mean, s', [10, 3600]],
  ['message.uplink', ['8kbit/s'], 'message.uplink, bytes/s', [1000]],
  ['alpha', ['5', '3'], 'alpha', [3, 5]],
  ['latency.mean', ['200ms'], 'latency.mean, s', [0.2]]
] as const) {
  test(`a sweep over ${name} is drawn along ${label}`, t => {
    const [found] = sweepCharts(
      CHURN,
      values.map(value => pointAt({ [name]: value }))
    )

    t.is(found?.chart.x, label)
    t.deepEqual(
      found?.lines.flatMap(({ points }) => points.map(({ x }) => Number(x.toPrecision(6)))),
      [...xs]
    )
  })
}

test('there is a line for each combination of the parameters after the first', t => {
  const [found] = sweepCharts(
    CHURN,
    ['1', '3'].flatMap(alpha => ['8', '20'].map(k => pointAt({ alpha, k })))
  )

  t.deepEqual(
    found?.lines.map(({ name, points }) => [name, points.length]),
    [
      ['k=8', 2],
      ['k=20', 2]
    ]
  )
})
