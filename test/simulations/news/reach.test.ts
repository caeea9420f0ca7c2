import test from 'ava'
import { countReach, totalOf } from '../../../simulations/news/reach.ts'

test('news are counted by the steps of trust that they have to go', t => {
  const steps = countReach(
    [
      { distance: 1, hasCome: true, isMissed: false },
      { distance: 1, hasCome: false, isMissed: true },
      { distance: 2, hasCome: false, isMissed: false },
      { distance: undefined, hasCome: true, isMissed: false },
      { distance: 3, hasCome: true, isMissed: false },
      { distance: 2, hasCome: true, isMissed: true }
    ],
    2
  )

  t.deepEqual(steps, [
    { possible: 1, came: 1, missed: 0 },
    { possible: 2, came: 1, missed: 1 },
    { possible: 2, came: 1, missed: 0 }
  ])
  t.deepEqual(totalOf(steps), { possible: 5, came: 3, missed: 1 })
})
