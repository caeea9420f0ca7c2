import test from 'ava'
import fc from 'fast-check'
import type { Evidence } from '../../../../../overlay/content/fetch/choice/evidence.ts'
import { rolesOf } from '../../../../../overlay/content/fetch/choice/together.ts'
import { noteLateness } from '../../../../../overlay/content/fetch/plan/measure.ts'
import { Pace } from '../../../../../overlay/content/fetch/plan/pace.ts'
import { Requests } from '../../../../../overlay/content/fetch/plan/requests.ts'
import { Slots } from '../../../../../overlay/content/fetch/plan/slots.ts'
import { weigh } from '../../../../../overlay/content/fetch/choice/weigh.ts'
import { BLOCK, run, type Model } from '../../../../helpers/plan-world.ts'

const COUNT = 64

/** Copies at 5, 50 and 150 ms, in the least convenient order. */
function copies(rates: readonly number[], knows: (latency: number) => Model['standing']): Model[] {
  return [150, 50, 5].map((latency, index) => {
    const standing = knows(latency)

    return {
      id: `${latency} ms`,
      latency,
      rate: rates[index] ?? 0,
      ...(standing == null ? {} : { standing })
    }
  })
}

const nobody = (): undefined => undefined
const measured = (roundTrip: number): Model['standing'] => ({ roundTrip, trust: 0 })
const claimed = (claimedRoundTrip: number): Model['standing'] => ({ claimedRoundTrip, trust: 0 })

for (const [what, knows] of Object.entries({ nobody, measured, claimed })) {
  test(`of equal copies the nearest sends nine tenths and more; known beforehand: ${what}`, t => {
    // C3
    const { sent } = run(copies([20_000, 20_000, 20_000], knows), COUNT)

    t.true((sent.get('5 ms') ?? 0) >= 0.9 * COUNT, JSON.stringify([...sent]))
  })

  test(`where distance makes lines slower the nearest does it alone, however slow it is; known: ${what}`, t => {
    const { sent } = run(copies([130, 400, 4000], knows), COUNT)

    t.true((sent.get('5 ms') ?? 0) >= 0.9 * COUNT, JSON.stringify([...sent]))
  })
}

const byBlock = (models: readonly Model[]): Model[] =>
  models.map(model => ({ ...model, hasRanges: false }))

for (const line of [Infinity, 20_000, 8000]) {
  test(`of equal mirrors, which are asked block by block, the nearest sends nine tenths and more of a film over a line of ${line * 8} kbit/s`, t => {
    // C3
    const count = 2 * COUNT
    const { sent, time } = run(byBlock(copies([20_000, 20_000, 20_000], measured)), count, line)

    t.true((sent.get('5 ms') ?? 0) >= 0.9 * count, JSON.stringify([...sent]))
    t.true(time < (1.1 * count * BLOCK) / Math.min(line, 20_000))
  })
}

for (const line of [4000, 2000, 500]) {
  test(`the nearest mirror sends most where the reader's own line is the narrow place, with ${line * 8} kbit/s`, t => {
    const count = 4 * COUNT

    const models = copies([20_000, 20_000, 20_000], measured)

    for (const world of [models, byBlock(models)]) {
      const { sent, time } = run(world, count, line)

      t.true((sent.get('5 ms') ?? 0) >= 0.7 * count, JSON.stringify([...sent]))
      t.true(time < (1.1 * count * BLOCK) / line)
    }
  })
}

test('others help where the nearest is slow and they are not, also block by block', t => {
  const models = byBlock(copies([1000, 1000, 1000], measured))

  t.true(run(models, 2 * COUNT).time < run(models.slice(2), 2 * COUNT).time / 1.5)
})

test('a far mirror that was asked for one late block and was overtaken has not failed', t => {
  const pace = new Pace()
  const block = { source: 'far', by: 'block', from: 0, to: 1, isHedge: true } as const
  const request = new Requests(new Slots()).open(block, 0)

  noteLateness(request, pace, BLOCK, 140)
  t.is(pace.failures, 0)
  noteLateness(request, pace, BLOCK, 5000)
  t.is(pace.failures, 1)
  // It has not sent nothing at all: how much nobody knows.
  t.true((pace.rate ?? 0) > 0)
})

for (const connecting of [50, 200, 400]) {
  test(`connections that take ${connecting} ms to make put nobody behind one that is farther`, t => {
    const models = copies([20_000, 20_000, 20_000], measured).map(model => ({
      ...model,
      connecting
    }))

    for (const world of [models, byBlock(models)]) {
      const { sent } = run(world, COUNT)

      t.true((sent.get('5 ms') ?? 0) >= 0.9 * COUNT, JSON.stringify([...sent]))
    }
  })
}

test('what the first request took counts where nothing else is known of the line, and the second mends it', t => {
  const pace = new Pace()

  pace.began(200)
  t.is(pace.latencyBeside(5), undefined)
  t.is(pace.latencyBeside(undefined), 200)
  pace.began(20)
  t.is(pace.latencyBeside(5), 20)
  pace.began(28)
  t.is(pace.latency, 21)
})

test('what the first request took, with its connection, is forgotten when a whole block comes sooner', t => {
  const pace = new Pace()

  pace.began(200)
  pace.deliveredBlock(BLOCK, 1000, 1020)
  t.is(pace.latency, 20)
})

test('others help where the nearest is slow and they are not', t => {
  const models = copies([2000, 2000, 1000], measured)
  const { time, sent } = run(models, COUNT)

  t.true(time < run(models.slice(2), COUNT).time / 2)
  t.true(sent.size === 3)
})

for (const fault of ['silence', 'failed'] as const) {
  test(`the nearest is left for the next as soon as it is noticed that it is off: ${fault}`, t => {
    // C3
    let stopped = 0
    const models = copies([20_000, 20_000, 20_000], measured).map(model => ({
      ...model,
      fault: (index: number, now: number) => {
        if (model.latency > 5 || index < 20) return undefined
        stopped ||= now

        return fault
      }
    }))
    const { requests, time } = run(models, COUNT)
    const after = requests.filter(({ startedAt }) => startedAt >= stopped)
    const others = after.filter(({ source }) => source !== '5 ms')
    const [first] = others
    const noticed = first?.startedAt ?? Infinity
    const again = after.filter(({ source, startedAt }) => source === '5 ms' && startedAt > noticed)

    t.is(first?.source, '50 ms')
    // The least patience with a source that was always quick, and the step at which it is looked at.
    t.true(noticed - stopped <= 50 + 25 + 10, `${noticed - stopped}`)
    t.true(again.length <= Math.ceil((time - noticed) / 100), `${again.length}`)
    t.true(time < Infinity)
  })
}

test('a source that becomes slow is left for another in the middle of what it was asked for', t => {
  const fast = { id: 'far', latency: 150, rate: 20_000, standing: { roundTrip: 150, trust: 0 } }
  const slows: Model = {
    id: 'near',
    latency: 5,
    rate: 20_000,
    standing: { roundTrip: 5, trust: 0 },
    fault: (index, now) => (index >= 8 && now % 500 > 5 ? 'silence' : undefined)
  }
  const { time } = run([slows, fast], COUNT)

  t.true(time < 150 + (COUNT * BLOCK) / 20_000 + 1500, `${time}`)
})

const base: Evidence = { id: '', reliability: 1, lies: 0 }
const order = (...sources: Evidence[]): string[] => weigh(sources).map(each => each.evidence.id)

test('an absurd claim of nearness comes before nobody who was measured', t => {
  const known = { ...base, id: 'known', latency: 80, rate: 5000 }
  const slower = { ...base, id: 'slower', latency: 90, rate: 1000 }

  for (const claimedRoundTrip of [0, 0.001, -5]) {
    t.deepEqual(order({ ...base, id: 'liar', claimedRoundTrip }, known, slower), [
      'known',
      'slower',
      'liar'
    ])
  }
})

test('a liar about its place is given one block to show itself, and then what it deserves', t => {
  const { sent } = run(
    [
      { id: 'liar', latency: 300, rate: 200, standing: { claimedRoundTrip: 0, trust: 0 } },
      { id: 'honest', latency: 20, rate: 20_000, standing: { roundTrip: 20, trust: 0 } }
    ],
    COUNT
  )

  t.true((sent.get('liar') ?? 0) <= 1, JSON.stringify([...sent]))
})

test('between equals a friend is asked, and equals stay as they were given', t => {
  const one = { ...base, latency: 20, rate: 5000 }

  t.deepEqual(
    order(
      { ...one, id: 'stranger', trust: 0 },
      { ...one, id: 'friend', trust: 3 },
      { ...one, id: 'other', trust: 0 }
    ),
    ['friend', 'stranger', 'other']
  )
  // Trust does not make a far one near.
  t.deepEqual(
    order({ ...one, id: 'far friend', latency: 200, trust: 3 }, { ...one, id: 'near stranger' }),
    ['near stranger', 'far friend']
  )
})

test('who failed or lied elsewhere comes behind its equals, and is not lost', t => {
  const one = { ...base, latency: 20, rate: 5000 }

  t.deepEqual(
    order(
      { ...one, id: 'liar', lies: 1 },
      { ...one, id: 'shaky', reliability: 0.6 },
      { ...one, id: 'sound' },
      { ...one, id: 'hopeless', lies: 1000, reliability: 0.05 }
    ),
    ['sound', 'shaky', 'liar', 'hopeless']
  )
})

test('whatever is known or claimed, each source has one place and somebody is first', t => {
  const number = fc.option(fc.double({ min: 0, max: 5000, noNaN: true }), { nil: undefined })
  const evidence = fc.record({
    latency: number,
    rate: fc.option(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { nil: undefined }),
    claimed: number,
    reliability: fc.double({ min: 0.05, max: 1, noNaN: true }),
    lies: fc.nat(5000),
    trust: fc.constantFrom(0, 1, 2, 3)
  })

  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 40 }), given => {
      const sources = given.map(({ claimed: claimedRoundTrip, ...rest }, index) => ({
        ...rest,
        ...(claimedRoundTrip == null ? {} : { claimedRoundTrip }),
        id: String(index)
      }))
      const weighed = weigh(sources)
      const roles = rolesOf(weighed)

      return (
        new Set(weighed.map(each => each.evidence.id)).size === given.length &&
        weighed.every(({ cost }) => Number.isFinite(cost)) &&
        roles.length === given.length &&
        (given.length === 0 || roles[0] === 'first')
      )
    })
  )
  t.pass()
})
