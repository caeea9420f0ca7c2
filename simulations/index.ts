export { compareFolders } from './command/compare/run.ts'
export { runReal } from './command/real/run.ts'
export { replay } from './command/replay/run.ts'
export { runScenario } from './command/run/run.ts'
export {
  describeAgreements,
  describeComparison,
  describeScenarios,
  describeSummary,
  describeSweep,
  describeValidated
} from './command/text.ts'
export { runSweep } from './command/sweep/run.ts'
export { validate } from './command/validate/run.ts'
export { describeTicks } from './engine/ticks.ts'
export { parseQuantity } from './engine/units.ts'
export { parseSettings } from './parameters.ts'
export { SCENARIOS } from './scenarios/list.ts'
