/** News that could have come to somebody at some distance. */
interface Step {
  possible: number
  came: number
  /** Of those that did not come, the ones that were turned away for want of a budget. */
  missed: number
}

/** What came of one of the news at one node: there is no distance where it does not trust the origin. */
export interface Arrival {
  readonly distance: number | undefined
  readonly hasCome: boolean
  readonly isMissed: boolean
}

/** By steps of trust, from 1 to `horizon`; strangers are counted in step 0, since nobody else is as near to itself. */
export function countReach(arrivals: Iterable<Arrival>, horizon: number): Step[] {
  const steps = Array.from({ length: horizon + 1 }, () => ({ possible: 0, came: 0, missed: 0 }))

  for (const { distance = 0, hasCome, isMissed } of arrivals) {
    const step = steps[distance]

    // Nobody expects news from beyond the horizon.
    if (step == null) continue
    step.possible += 1
    if (hasCome) step.came += 1
    else if (isMissed) step.missed += 1
  }

  return steps
}

/** All steps together. */
export function totalOf(steps: readonly Step[]): Step {
  return steps.reduce((total, { possible, came, missed }) => ({
    possible: total.possible + possible,
    came: total.came + came,
    missed: total.missed + missed
  }))
}
