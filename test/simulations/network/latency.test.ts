import test from 'ava'
import { Streams } from '../../../simulations/engine/random.ts'
import { MILLISECOND } from '../../../simulations/engine/ticks.ts'
import {
  constantLatency,
  matrixLatency,
  PlaneLatency
} from '../../../simulations/network/latency.ts'
import { fitSpace } from '../../../simulations/network/fit-space/fit.ts'
import { quantile } from '../../../simulations/statistics.ts'

const NODES = 2000

test('drawn round trips are spread as those measured between PlanetLab hosts', t => {
  const latency = new PlaneLatency(NODES, new Streams(1).stream('places'))
  const drawn = roundTrips(latency.oneWay.bind(latency))

  // Measured: percentiles 25, 50 and 75 in ms.
  for (const [share, measured] of [
    [0.25, 59],
    [0.5, 135],
    [0.75, 202]
  ] as const) {
    t.true(
      Math.abs(quantile(drawn, share) / measured - 1) < 0.15,
      `${share}: ${quantile(drawn, share)}`
    )
  }
})

test('the space can be stretched to a mean', t => {
  const latency = new PlaneLatency(NODES, new Streams(1).stream('places'), {
    meanRoundTrip: 300 * MILLISECOND
  })
  const drawn = roundTrips(latency.oneWay.bind(latency))

  t.true(Math.abs(drawn.reduce((sum, value) => sum + value, 0) / drawn.length / 300 - 1) < 0.1)
})

test('both directions take the same time', t => {
  const latency = new PlaneLatency(50, new Streams(2).stream('places'))

  for (let a = 0; a < 50; a += 1) {
    for (let b = 0; b < 50; b += 1) t.is(latency.oneWay(a, b), latency.oneWay(b, a))
  }
})

test('a matrix and a constant say what they are told', t => {
  t.is(constantLatency(7).oneWay(1, 2), 7)

  const matrix = matrixLatency([Float64Array.of(0, 10), Float64Array.of(20, 0)])

  // The mean of both directions, which a message and its answer take.
  t.is(matrix.oneWay(0, 1), 7.5 * MILLISECOND)
  t.is(matrix.oneWay(3, 2), 7.5 * MILLISECOND)
})

test('a space fitted to drawn round trips is like the one that they were drawn from', t => {
  const latency = new PlaneLatency(150, new Streams(3).stream('places'))
  const matrix = Array.from({ length: 150 }, (_, a) =>
    Float64Array.from({ length: 150 }, (__, b) =>
      a === b ? 0 : (2 * latency.oneWay(a, b)) / MILLISECOND
    )
  )
  const mean =
    matrix.reduce((sum, row) => sum + row.reduce((all, value) => all + value, 0), 0) / (150 * 149)

  t.true(Math.abs(fitSpace(matrix).meanRoundTrip / mean - 1) < 0.15)
})

function roundTrips(oneWay: (a: number, b: number) => number): number[] {
  return Array.from(
    { length: NODES / 2 },
    (_, pair) => (2 * oneWay(2 * pair, 2 * pair + 1)) / MILLISECOND
  ).toSorted((a, b) => a - b)
}
