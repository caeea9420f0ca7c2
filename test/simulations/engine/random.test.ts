import test from 'ava'
import { exponential, normal, weibull, Zipf } from '../../../simulations/engine/distributions.ts'
import { drawAt, Streams } from '../../../simulations/engine/random.ts'

const DRAWS = 100_000

const PINNED = [920540559, -84622636, 33527857, 1346275602]

/** The 99.99th percentile of chi square with 255 degrees of freedom. */
const CHI_SQUARE_255 = 347

test('each byte of a draw is uniform', t => {
  const stream = new Streams(1).stream('bytes')

  for (const shift of [0, 8, 16, 24]) {
    const counts = new Float64Array(256)

    for (let draw = 0; draw < DRAWS; draw += 1) counts[(stream.bits() >>> shift) & 255]! += 1

    const expected = DRAWS / 256
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)

    t.true(chiSquare < CHI_SQUARE_255, `byte at ${shift}: ${chiSquare}`)
  }
})

test('streams of neighbouring nodes, names and seeds have nothing to do with each other', t => {
  const first = new Streams(1)
  const pairs = [
    [first.stream('a', 1), first.stream('a', 2)],
    [first.stream('a'), first.stream('b')],
    [first.stream('a'), new Streams(2).stream('a')]
  ] as const

  for (const [one, other] of pairs) {
    let agreeing = 0

    for (let draw = 0; draw < DRAWS; draw += 1) {
      // Two random words agree in 16 of 32 bits; the sum of 100,000 of them has a deviation of 900.
      agreeing += 32 - bitCount(one.bits() ^ other.bits())
    }
    t.true(Math.abs(agreeing - DRAWS * 16) < 5 * 900, `${agreeing / DRAWS} bits agree`)
  }
})

test('a stream is the same whatever else is drawn', t => {
  const streams = new Streams(42)
  const alone = drawMany(new Streams(42).stream('churn', 7))
  const stream = streams.stream('churn', 7)
  const among = Array.from({ length: 10 }, () => {
    streams.stream('new feature').bits()

    return stream.bits()
  })

  t.deepEqual(among, alone)
})

test('keys kept in arrays draw what the stream draws', t => {
  const streams = new Streams(2 ** 53 - 1)
  const [first, second] = streams.keys('x', 3)

  t.deepEqual(
    drawMany(streams.stream('x', 3)),
    Array.from({ length: 10 }, (_, counter) => drawAt(first, second, counter + 1))
  )
})

test('seeds above 32 bits differ in their higher half', t => {
  t.notDeepEqual(
    drawMany(new Streams(1).stream('a')),
    drawMany(new Streams(1 + 2 ** 32).stream('a'))
  )
})

test('the draws of seed 1 are those they always were', t => {
  t.deepEqual(drawMany(new Streams(1).stream('pinned', 5)).slice(0, 4), PINNED)
})

test('distributions have the means that they are asked for', t => {
  const stream = new Streams(3).stream('means')

  t.true(Math.abs(mean(() => exponential(stream, 10)) - 10) < 0.15)
  t.true(Math.abs(mean(() => normal(stream))) < 0.02)
  // The mean of Weibull(1/2, 1) is Gamma(3) = 2, its deviation 4.5.
  t.true(Math.abs(mean(() => weibull(stream, 0.5, 1)) - 2) < 0.08)
  t.true(Math.abs(mean(() => stream.below(11)) - 5) < 0.06)
})

test('ranks of Zipf come as often as their probabilities say', t => {
  const zipf = new Zipf(1000, 0.8)
  const stream = new Streams(4).stream('zipf')
  const counts = new Float64Array(1000)

  for (let draw = 0; draw < DRAWS; draw += 1) counts[zipf.draw(stream)]! += 1
  for (const rank of [0, 1, 10, 100]) {
    const expected = zipf.probability(rank) * DRAWS

    t.true(Math.abs(counts[rank]! - expected) < 5 * Math.sqrt(expected), `rank ${rank}`)
  }
})

function mean(draw: () => number): number {
  let sum = 0

  for (let index = 0; index < DRAWS; index += 1) sum += draw()

  return sum / DRAWS
}

function drawMany(stream: { bits(): number }): number[] {
  return Array.from({ length: 10 }, () => stream.bits())
}

function bitCount(word: number): number {
  let count = 0

  for (let left = word >>> 0; left !== 0; left &= left - 1) count += 1

  return count
}
