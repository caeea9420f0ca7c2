import test from 'ava'
import { SCENARIOS } from '../../../simulations/scenarios/list.ts'
import { beginSmall, playToEnd } from './play-small.ts'

for (const scenario of SCENARIOS) {
  test.serial(
    `${scenario.name} does the same with the same seed, and something else with another`,
    async t => {
      const first = await playToEnd(beginSmall(scenario, 1))

      t.true(first.events > 0)
      t.deepEqual(await playToEnd(beginSmall(scenario, 1)), first)
      t.not((await playToEnd(beginSmall(scenario, 2))).hash, first.hash)
    }
  )

  test.serial(`${scenario.name} reports each figure and chart that it announces`, async t => {
    const { outcome, violation } = await playToEnd(beginSmall(scenario, 3))

    t.is(violation, undefined)

    t.deepEqual(Object.keys(outcome.figures).toSorted(), Object.keys(scenario.figures).toSorted())
    t.deepEqual(Object.keys(outcome.lines).toSorted(), Object.keys(scenario.charts).toSorted())
    t.true(Object.values(scenario.figures).some(({ headline }) => headline === true))
    t.true(scenario.leavesOut.length > 0)
    for (const lines of Object.values(outcome.lines)) {
      t.true(Object.values(lines).some(line => line.some(([, y]) => Number.isFinite(y))))
    }
  })

  test.serial(`${scenario.name} can be broken off at any moment`, t => {
    const run = beginSmall(scenario, 1)

    run.advance(1)
    t.notThrows(() => run.outcome())
    run.advance(100)
    t.notThrows(() => run.outcome())
  })
}
