import { estimate, type Estimate } from '../statistics.ts'
import type { Figures } from './play-script.ts'
import type { Tolerance } from './scripts.ts'

/** What the seeds of the model differ by, in standard deviations, is chance: a real network is one more draw. */
const DEVIATIONS = 2

/** A figure of the model beside that of real nodes. */
export interface Agreement {
  readonly figure: string
  readonly model: Estimate
  readonly real: number
  /** By how much they may differ. */
  readonly tolerance: number
  /** The same in words. */
  readonly allowed: string
  readonly isMet: boolean
}

/** Holds real nodes against the model, figure by figure; a figure that one of them cannot tell is left out. */
export function compareWithReal(
  tolerances: Readonly<Record<string, Tolerance>>,
  runs: readonly Figures[],
  real: Figures
): Agreement[] {
  return Object.entries(tolerances).flatMap(([figure, tolerance]) => {
    const values = runs.map(run => run[figure] ?? Number.NaN).filter(Number.isFinite)
    const measured = real[figure] ?? Number.NaN

    return values.length === 0 || !Number.isFinite(measured)
      ? []
      : [agreement(figure, tolerance, values, measured)]
  })
}

function agreement(
  figure: string,
  tolerance: Tolerance,
  values: readonly number[],
  real: number
): Agreement {
  const model = estimate(values)
  const base = 'points' in tolerance ? tolerance.points : tolerance.share * model.mean
  const chance = DEVIATIONS * deviationOf(values, model.mean)
  const allowed =
    'points' in tolerance ? `${tolerance.points} points` : `${tolerance.share * 100} %`

  return {
    figure,
    model,
    real,
    tolerance: base + chance,
    allowed: `${allowed} and ${DEVIATIONS} standard deviations of the model's seeds`,
    isMet: Math.abs(real - model.mean) <= base + chance
  }
}

function deviationOf(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)

  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1))
}
