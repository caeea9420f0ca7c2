import { VERSION } from '../../../version.ts'
import { InvariantError } from '../../errors.ts'
import { findScenario } from '../../find-scenario/service.ts'
import type { Played } from '../../jobs/job.ts'
import { playJobs } from '../../jobs/run.ts'
import {
  commandOf,
  configurationHash,
  MANIFEST_FORMAT,
  type Configuration,
  type Manifest
} from '../../manifest.ts'
import { checkOutput, writeOutput } from '../../output/store.ts'
import { formatValue, resolveValues } from '../../parameters.ts'
import { runFiles } from '../../report/run-files.ts'
import type { Scenario, Values } from '../../scenario.ts'
import { summarize, type Summary } from '../../summary.ts'
import { cpuSeconds, peakRss, thisCommit, thisMachine } from '../environment/service.ts'
import { readInputFiles } from '../input-files/store.ts'
import { Interruption } from '../interruption/service.ts'
import { ProgressPrinter } from '../progress-printer/service.ts'

export interface RunOrder {
  readonly scenario: string
  /** As typed. */
  readonly settings: Readonly<Record<string, string>>
  readonly seed: number
  readonly reps: number
  readonly jobs: number
  /** Where the results go; nowhere without it. */
  readonly out?: string
  readonly isQuiet: boolean
}

export interface RunAnswer {
  readonly scenario: Scenario
  readonly summary: Summary
  readonly manifest: Manifest
}

/**
 * Plays a scenario with one seed after another and writes the results.
 *
 * @throws UnknownScenarioError, ParameterError, OutputExistsError, OutputError, RunError
 * @throws InvariantError after the results are written, where a run did what must not happen
 */
export async function runScenario(order: RunOrder): Promise<RunAnswer> {
  const scenario = await findScenario(order.scenario)
  const values = resolveValues(scenario, order.settings)
  const files = await readInputFiles(scenario, values)

  if (order.out != null) await checkOutput(order.out)

  using interruption = new Interruption()
  const started = { at: new Date().toISOString(), wall: performance.now(), cpu: cpuSeconds() }
  const printer = new ProgressPrinter({ all: order.reps, jobs: order.jobs, isQuiet: order.isQuiet })
  const played = await playJobs(
    seedsOf(order).map(seed => ({ scenario: order.scenario, values, files: files.texts, seed })),
    {
      jobs: order.jobs,
      signal: interruption.signal,
      onProgress: progress => printer.show(progress),
      onPlayed: () => printer.played()
    }
  ).finally(() => printer.end())
  const configuration = configurationOf(order, scenario, values, files.hashes)
  const commit = await thisCommit()
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    ...configuration,
    configurationHash: configurationHash(configuration),
    command: commandOf(configuration),
    version: VERSION,
    ...(commit == null ? {} : { commit }),
    node: process.version,
    machine: thisMachine(),
    started: started.at,
    wallSeconds: (performance.now() - started.wall) / 1000,
    cpuSeconds: cpuSeconds() - started.cpu,
    peakRss: peakRss(),
    interrupted: interruption.signal.aborted,
    runs: played.map(manifestRun)
  }
  const summary = summarize(
    scenario,
    played.map(({ outcome }) => outcome)
  )

  if (order.out != null) await writeOutput(order.out, runFiles(scenario, summary, manifest))

  const broken = played.find(({ violation }) => violation != null)

  if (broken?.violation != null) {
    throw new InvariantError(
      `seed ${broken.seed} of ${scenario.name}: ${broken.violation.message} (at ${broken.violation.time} µs)${
        order.out == null
          ? ''
          : `; \`plexnet simulate replay ${order.out}/manifest.json\` stops there`
      }`
    )
  }

  return { scenario, summary, manifest }
}

function seedsOf({ seed, reps }: RunOrder): number[] {
  return Array.from({ length: reps }, (_, index) => seed + index)
}

function configurationOf(
  { seed, reps, scenario: name }: RunOrder,
  scenario: Scenario,
  values: Values,
  files: Readonly<Record<string, string>>
): Configuration {
  return {
    scenario: name,
    values: Object.fromEntries(
      Object.entries(scenario.parameters).map(([key, parameter]) => [
        key,
        formatValue(parameter, values[key] ?? '')
      ])
    ),
    seed,
    reps,
    files
  }
}

function manifestRun({
  seed,
  traceHash,
  events,
  until,
  ended,
  violation
}: Played): Manifest['runs'][number] {
  return { seed, traceHash, events, until, ended, ...(violation == null ? {} : { violation }) }
}
