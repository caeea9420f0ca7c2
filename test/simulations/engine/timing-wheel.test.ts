import test from 'ava'
import fc from 'fast-check'
import { LAST_TICK } from '../../../simulations/engine/ticks.ts'
import { TimingWheel } from '../../../simulations/engine/timing-wheel.ts'
import { QuadHeap } from './quad-heap.ts'

/** Steps of every size, so that all levels are used, and many ties. */
const STEP = fc.oneof(
  fc.constantFrom(0, 1, 1023, 1024, 1025, 2 ** 20, 2 ** 30, 2 ** 40),
  fc.nat(2000),
  fc.nat(2 ** 31 - 1)
)

const ACTION = fc.oneof(fc.record({ schedule: STEP }), fc.record({ take: STEP }))

test('the wheel gives the events that a heap gives, in its order, however they come', t => {
  fc.assert(
    fc.property(fc.array(ACTION, { maxLength: 200 }), actions => {
      const [wheel, heap] = [new TimingWheel(), new QuadHeap()]
      let now = 0

      actions.forEach((action, index) => {
        if ('schedule' in action) {
          for (const queue of [wheel, heap])
            queue.schedule(now + action.schedule, index % 256, index, ~index, 7)
          return
        }

        const until = now + action.take

        for (;;) {
          const taken = wheel.take(until)

          t.is(taken, heap.take(until))
          if (!taken) break
          t.deepEqual(
            [wheel.time, wheel.kind, wheel.a, wheel.b, wheel.c],
            [heap.time, heap.kind, heap.a, heap.b, heap.c]
          )
        }
        now = until
        t.is(wheel.size, heap.size)
      })
    }),
    { numRuns: 300 }
  )
})

test('events of one tick come in the order in which they were scheduled, from whatever distance', t => {
  const wheel = new TimingWheel()
  const order: number[] = []

  wheel.schedule(5_000_000, 0, 1, 0, 0)
  wheel.schedule(4_999_000, 1, 0, 0, 0)
  wheel.schedule(5_000_000, 0, 2, 0, 0)

  while (wheel.take(LAST_TICK)) {
    if (wheel.kind === 1) wheel.schedule(5_000_000, 0, 3, 0, 0)
    else order.push(wheel.a)
  }

  t.deepEqual(order, [1, 2, 3])
})

test('a time that is past, no whole tick or beyond the wheel is refused', t => {
  const wheel = new TimingWheel()

  wheel.schedule(10, 0, 0, 0, 0)
  wheel.take(10)

  for (const time of [9, 10.5, LAST_TICK + 1, Number.NaN, -1]) {
    t.throws(() => wheel.schedule(time, 0, 0, 0, 0), { instanceOf: RangeError })
  }
})
