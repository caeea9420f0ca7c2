import { Streams } from '../../../simulations/engine/random.ts'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { SECOND } from '../../../simulations/engine/ticks.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../../../simulations/scenario.ts'
import { SimulationRun } from '../../../simulations/scenarios/shared/simulation-run.ts'

const THROW = 64
const THROWS = 100

/** The least that a scenario can be: `simulations/README.md` shows it. */
export const scenario: Scenario = {
  name: 'dice',
  title: 'Dice',
  description: 'Throws a die once a second.',
  parameters: { sides: { description: 'sides of the die', unit: 'count', default: '6', least: 1 } },
  figures: { mean: { label: 'Mean', unit: '', headline: true } },
  charts: {},
  leavesOut: ['The die never rolls off the table.'],
  begin
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const stream = new Streams(seed).stream('die')
  let sum = 0

  simulation.handle(THROW, (_, number) => {
    sum += 1 + stream.below(numberOf(values, 'sides'))
    if (number < THROWS) simulation.after(SECOND, THROW, number + 1)
  })
  simulation.after(0, THROW, 1)

  return new SimulationRun({
    simulation,
    liveNodes: () => 1,
    until: THROWS * SECOND,
    outcome: () => ({ figures: { mean: sum / simulation.trace.events }, lines: {} })
  })
}
