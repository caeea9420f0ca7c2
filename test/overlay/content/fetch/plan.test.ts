import test from 'ava'
import fc from 'fast-check'
import { Pace } from '../../../../overlay/content/fetch/plan/pace.ts'
import { BLOCK, run, WINDOW, type Model } from '../../../helpers/plan-world.ts'

test('one source is asked for one long range', t => {
  const { time, requests } = run([{ id: 'a', latency: 20, rate: 8000 }], 64)

  t.is(requests.length, 1)
  t.is(requests[0]?.by, 'range')
  t.true(time < 20 + (64 * BLOCK) / 8000 + 5)
})

test('two equal sources are nearly twice as fast as one, four nearly four times', t => {
  const sources = ['a', 'b', 'c', 'd'].map(id => ({ id, latency: 20, rate: 8000 }))
  const [one, two, four] = [1, 2, 4].map(count => run(sources.slice(0, count), 256).time)

  t.true((one ?? 0) / (two ?? 1) > 1.8, `${one} ${two}`)
  t.true((one ?? 0) / (four ?? 1) > 3, `${one} ${four}`)
})

test('a source that only has single blocks is asked for several at once', t => {
  const { requests, time } = run([{ id: 'a', latency: 50, rate: 80_000, hasRanges: false }], 64)

  t.true(requests.every(({ by, from, to }) => by === 'block' && to === from + 1))
  t.true(time < (64 * 50) / 2)
})

test('a slow source beside a fast one does not make it slower', t => {
  const fast = { id: 'fast', latency: 10, rate: 16_000 }

  for (const rate of [1, 50, 400, 4000]) {
    const both = run([{ id: 'slow', latency: 200, rate }, fast], 256)

    t.true(both.time < run([fast], 256).time * 1.1 + 1000, `${rate}: ${both.time}`)
  }
})

test('a source that falls silent in the middle is left for another within a second or two, and the loss is bounded', t => {
  const silent = {
    id: 'silent',
    latency: 10,
    rate: 8000,
    fault: (index: number) => (index >= 20 ? ('silence' as const) : undefined)
  }
  const other = { id: 'other', latency: 10, rate: 8000 }
  const { time, sent } = run([silent, other], 128)

  t.true(time < run([other], 128).time + 3000, `${time}`)
  t.true((sent.get('silent') ?? 0) + (sent.get('other') ?? 0) <= 128 * 1.1 + 8)
})

test('hedging asks for at most a tenth twice, and 2 MiB', t => {
  const { requests, time } = run([erratic('a'), erratic('b')], 200)
  const hedged = requests.filter(({ isHedge }) => isHedge).length

  t.true(time < Number.POSITIVE_INFINITY)
  t.true(hedged > 0)
  t.true(hedged * BLOCK <= 200 * BLOCK * 0.1 + (2 << 20) + BLOCK)
})

test('a source that sends nothing is given up after 10 s for a range and 15 s for a block', t => {
  const range = run([{ id: 'a', latency: 1, rate: 1, hasBlocks: false, fault: silence }], 4)
  const block = run([{ id: 'a', latency: 1, rate: 1, hasRanges: false, fault: silence }], 4)

  t.deepEqual(range.faults, ['stalled', 'stalled', 'stalled'])
  t.deepEqual(block.faults, ['stalled', 'stalled', 'stalled'])
  t.true(range.requests.length >= 3 && block.requests.length >= 3)
})

test('a source that is wrong once is not asked again, whatever else it carries', t => {
  const wrong: Model = {
    id: 'wrong',
    latency: 5,
    rate: 16_000,
    fault: index => (index >= 7 ? 'wrong' : undefined)
  }
  const { requests, time, blamedAt } = run([wrong, { id: 'right', latency: 5, rate: 16_000 }], 128)
  const blamed = requests.filter(({ source }) => source === 'wrong')

  t.true(time < Number.POSITIVE_INFINITY)
  t.true(blamedAt > 0)
  t.true(blamed.every(({ startedAt }) => startedAt <= blamedAt))
})

test('a source without the blocks is asked for a few of them only', t => {
  const empty: Model = {
    id: 'empty',
    latency: 5,
    rate: 1000,
    hasRanges: false,
    fault: () => 'absent'
  }
  const { requests } = run([empty, { id: 'full', latency: 5, rate: 1000 }], 256)

  t.true(requests.filter(({ source }) => source === 'empty').length <= 8)
})

test('whatever sources do, with an honest one everything arrives, and the window is never exceeded', t => {
  const kinds = ['failed', 'stalled', 'absent', 'wrong', 'silence', undefined] as const
  const source = fc.record({
    latency: fc.integer({ min: 1, max: 3000 }),
    rate: fc.integer({ min: 1, max: 20_000 }),
    hasRanges: fc.boolean(),
    hasBlocks: fc.boolean(),
    kind: fc.constantFrom(...kinds),
    from: fc.nat(60)
  })

  fc.assert(
    fc.property(
      fc.array(source, { maxLength: 6 }),
      fc.nat(6),
      fc.integer({ min: 1, max: 60 }),
      (others, place, count) => {
        const models = others.map(({ kind, from, ...model }, index): Model => ({
          ...model,
          id: `source ${index}`,
          fault: at => (at >= from ? kind : undefined)
        }))

        models.splice(Math.min(place, models.length), 0, { id: 'honest', latency: 50, rate: 1000 })

        const { time, mostHeld } = run(models, count)

        return time < Number.POSITIVE_INFINITY && mostHeld <= WINDOW
      }
    ),
    { numRuns: 200 }
  )
  t.pass()
})

const silence = (): 'silence' => 'silence'

/** Falls silent so often that it is late all the time. */
function erratic(id: string): Model {
  return {
    id,
    latency: 10,
    rate: 1000,
    fault: (index, now) => (Math.floor(now / 700 + index) % 7 === 0 ? 'silence' : undefined)
  }
}

test('a source that asks for patience is left alone for as long, and thought no worse of', t => {
  const pace = new Pace()

  pace.restUntil(5000)
  t.is(pace.restedAt, 5000)
  t.is(pace.failures, 0)
  t.is(pace.reliability, 1)
})
