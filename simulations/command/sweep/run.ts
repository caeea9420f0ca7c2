import { VERSION } from '../../../version.ts'
import { findScenario } from '../../find-scenario/service.ts'
import { playJobs } from '../../jobs/run.ts'
import { checkOutput, writeOutput } from '../../output/store.ts'
import { resolveValues } from '../../parameters.ts'
import { json } from '../../report/run-files.ts'
import { sweepCsv, sweepReport } from '../../report/sweep-report.ts'
import type { Scenario } from '../../scenario.ts'
import { combine, parseVariation, pointOf, type SweepPoint } from '../../sweep.ts'
import { thisCommit, thisMachine } from '../environment/service.ts'
import { readInputFiles } from '../input-files/store.ts'
import { Interruption } from '../interruption/service.ts'
import { ProgressPrinter } from '../progress-printer/service.ts'
import type { RunOrder } from '../run/run.ts'

export interface SweepOrder extends RunOrder {
  /** 'name=v1,v2,…' each. */
  readonly vary: readonly string[]
}

export interface SweepAnswer {
  readonly scenario: Scenario
  readonly points: readonly SweepPoint[]
  readonly interrupted: boolean
}

/**
 * Plays a scenario with each combination of values.
 *
 * @throws UnknownScenarioError, ParameterError, OutputExistsError, OutputError, RunError
 */
export async function runSweep(order: SweepOrder): Promise<SweepAnswer> {
  const scenario = await findScenario(order.scenario)
  const combinations = combine(order.vary.map(parseVariation))
  // All are looked at before the first is played.
  const resolved = await Promise.all(
    combinations.map(async combination => {
      const values = resolveValues(scenario, { ...order.settings, ...combination })
      const { texts } = await readInputFiles(scenario, values)

      return { combination, values, files: texts }
    })
  )

  if (order.out != null) await checkOutput(order.out)

  using interruption = new Interruption()
  const jobs = resolved.flatMap(({ values, files }) =>
    Array.from({ length: order.reps }, (_, rep) => ({
      scenario: order.scenario,
      values,
      files,
      seed: order.seed + rep
    }))
  )
  const printer = new ProgressPrinter({
    all: jobs.length,
    jobs: order.jobs,
    isQuiet: order.isQuiet
  })
  const played = await playJobs(jobs, {
    jobs: order.jobs,
    signal: interruption.signal,
    onProgress: progress => printer.show(progress),
    onPlayed: () => printer.played()
  }).finally(() => printer.end())
  const points = resolved.flatMap(({ combination }, index) => {
    const outcomes = played
      .slice(index * order.reps, (index + 1) * order.reps)
      .map(({ outcome }) => outcome)

    return outcomes.length === 0 ? [] : [pointOf(scenario, order.settings, combination, outcomes)]
  })
  const interrupted = interruption.signal.aborted

  if (order.out != null) {
    const commit = await thisCommit()
    const origin = {
      command: commandOf(order),
      interrupted,
      version: VERSION,
      ...(commit == null ? {} : { commit }),
      node: process.version,
      machine: thisMachine(),
      isQuick: false
    }

    await writeOutput(order.out, {
      'report.html': sweepReport(scenario, points, origin),
      'figures.csv': sweepCsv(scenario, points),
      'summary.json': json({
        ...origin,
        scenario: scenario.name,
        points: points.map(({ combination, summary: { figures } }) => ({ combination, figures }))
      })
    })
  }

  return { scenario, points, interrupted }
}

function commandOf({ scenario, vary, settings, seed, reps }: SweepOrder): string {
  return [
    `plexnet simulate sweep ${scenario} --seed ${seed} --reps ${reps}`,
    ...vary.map(variation => `--vary '${variation}'`),
    ...Object.entries(settings).map(([name, value]) => `--set '${name}=${value}'`)
  ].join(' ')
}
