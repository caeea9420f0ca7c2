import test from 'ava'
import {
  predict,
  readCoordinate,
  roundCoordinate,
  type Coordinate
} from '../../../discovery/coordinates/coordinate.ts'
import { estimate, isWorthTelling } from '../../../discovery/coordinates/telling.ts'
import { RoundTrips } from '../../../discovery/coordinates/round-trips.ts'
import { observe, ORIGIN } from '../../../discovery/coordinates/vivaldi.ts'
import { Streams } from '../../../simulations/engine/random.ts'

const MINUTE = 60_000
const place: Coordinate = { x: 10.4, y: -20.6, height: 3.2, error: 0.2 }

test('a place is told in whole ms and percent, and read back', t => {
  t.deepEqual(roundCoordinate(place), [10, -21, 3, 20])
  t.deepEqual(readCoordinate(roundCoordinate(place)), { x: 10, y: -21, height: 3, error: 0.2 })
  t.deepEqual(readCoordinate(roundCoordinate({ ...place, error: 17 }))?.error, 1)
})

for (const [what, value] of Object.entries({
  'no list': { x: 1 },
  'too few numbers': [1, 2, 3],
  'too many': [1, 2, 3, 4, 5],
  text: [1, 2, '3', 4],
  'a fraction': [0.5, 0, 1, 10],
  'not a number': [Number.NaN, 0, 1, 10],
  'without end': [Number.POSITIVE_INFINITY, 0, 1, 10],
  'outside of this world': [1e9, 0, 1, 10],
  'a line of negative length': [0, 0, -5, 10],
  'certain beyond certainty': [0, 0, 1, 0]
})) {
  test(`a claim that is ${what} is no place`, t => t.is(readCoordinate(value), undefined))
}

test('nobody’s word for its certainty counts for more than a tenth', t => {
  t.is(readCoordinate([0, 0, 1, 1])?.error, 0.1)
})

test('the least of the last round trips counts, for an hour', t => {
  const trips = new RoundTrips()

  t.is(trips.of('a', 0), undefined)
  for (const trip of [40, 12, 30, 55]) trips.add('a', trip, 0)
  t.is(trips.of('a', 0), 12)
  for (const trip of [50, 60, 55, 70]) trips.add('a', trip, 1)
  t.is(trips.of('a', 1), 50)
  t.is(trips.of('a', 61 * MINUTE), undefined)
})

test('what no line can be is no round trip', t => {
  const trips = new RoundTrips()

  for (const trip of [-1, Number.NaN, 1e6, Number.POSITIVE_INFINITY]) {
    t.false(trips.add('a', trip, 0))
  }
  t.is(trips.of('a', 0), undefined)
})

test('one absurd claim moves a node by the bound, whatever it says', t => {
  const other = { x: 2000, y: 2000, height: 2000, error: 0.1 }
  const moved = observe(place, { other, roundTrip: 1, mostStep: 25 }, () => 0.5)

  t.true(predict(moved, { ...place, height: 0 }) - moved.height <= 25)
})

test('a place is told when it is known, and again when it is far off, and not all the time', t => {
  t.false(isWorthTelling(undefined, { issued: 0 }, 10 * MINUTE))
  t.false(isWorthTelling(place, { issued: 0 }, MINUTE / 2))
  t.true(isWorthTelling(place, { issued: 0 }, MINUTE))

  const moved = { ...place, x: 90 }

  t.false(isWorthTelling(moved, { issued: 0, coordinate: place }, 29 * MINUTE))
  t.true(isWorthTelling(moved, { issued: 0, coordinate: place }, 30 * MINUTE))
  t.false(isWorthTelling({ ...place, x: 20 }, { issued: 0, coordinate: place }, 30 * MINUTE))
})

test('who does not know its own place says nothing about distances', t => {
  t.is(estimate(place, undefined), undefined)
  t.is(estimate({ ...place, error: 0.9 }, place), undefined)
  t.is(estimate(place, { ...place, error: 0.9 }), undefined)
  t.is(estimate(place, place), 2 * place.height)
})

test('nodes that tell their places as rarely as records allow find them all the same', t => {
  const stream = new Streams(1).stream('world')
  const count = 30
  const places = Array.from({ length: count }, () => ({
    x: 100 * stream.uniform(),
    y: 100 * stream.uniform(),
    height: 2 + 10 * stream.uniform(),
    error: 0
  }))
  const own: (Coordinate | undefined)[] = places.map(() => undefined)
  const told: { issued: number; coordinate?: Coordinate }[] = places.map(() => ({ issued: 0 }))
  let records = 0

  for (let now = 0; now < 24 * 60 * MINUTE; now += MINUTE) {
    for (const [node, at] of places.entries()) {
      const peer = (node + 1 + stream.below(count - 1)) % count
      const roundTrip = predict(at, places[peer] ?? at)
      const other = told[peer]?.coordinate ?? ORIGIN

      own[node] = observe(own[node] ?? ORIGIN, { other, roundTrip, mostStep: 25 }, () =>
        stream.uniform()
      )

      const coordinate = readCoordinate(roundCoordinate(own[node]))

      if (coordinate != null && isWorthTelling(coordinate, told[node] ?? { issued: 0 }, now)) {
        told[node] = { issued: now, coordinate }
        records += 1
      }
    }
  }

  const errors = places.flatMap((at, a) =>
    places.flatMap((other, b) => {
      const [from, to] = [own[a], told[b]?.coordinate]
      const guess = from == null ? undefined : estimate(from, to)

      return a === b || guess == null
        ? []
        : [Math.abs(guess - predict(at, other)) / predict(at, other)]
    })
  )
  const median = errors.toSorted((a, b) => a - b)[Math.floor(errors.length / 2)] ?? 1

  t.log(`median error ${median.toFixed(3)}, ${(records / count).toFixed(1)} records a node and day`)
  t.true(errors.length >= 0.9 * count * (count - 1), `${errors.length}`)
  t.true(median < 0.3, `${median}`)
  t.true(records / count < 12)
})
