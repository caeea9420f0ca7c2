import type { Scenario } from '../scenario.ts'
import { LOOKUP_SCALE } from './lookup-scale.ts'

/** The scenarios that come with the simulator, in the order in which they are listed. */
export const SCENARIOS: readonly Scenario[] = [LOOKUP_SCALE]
