import { VERSION } from '../../../version.ts'
import { Streams } from '../../engine/random.ts'
import { DisagreementError } from '../../errors.ts'
import { findScenario } from '../../find-scenario/service.ts'
import { playJobs } from '../../jobs/run.ts'
import { commandOf } from '../../manifest.ts'
import { checkOutput, writeOutput } from '../../output/store.ts'
import { formatValue, resolveValues } from '../../parameters.ts'
import { compareWithReal, type Agreement } from '../../real/agreement.ts'
import { RealNetwork } from '../../real/network/service.ts'
import { playScript, type Figures } from '../../real/play-script.ts'
import { checkReal, realScenario, scriptOf } from '../../real/scripts.ts'
import { realReport, type RealOrigin } from '../../report/real-report.ts'
import { json } from '../../report/run-files.ts'
import { numberOf, type Scenario, type Setup, type Values } from '../../scenario.ts'
import { thisCommit, thisMachine } from '../environment/service.ts'
import { readInputFiles } from '../input-files/store.ts'
import { Interruption } from '../interruption/service.ts'
import { ProgressPrinter } from '../progress-printer/service.ts'
import type { RunOrder } from '../run/run.ts'

export interface RealOrder extends RunOrder {
  /** Called before a disagreement is thrown. */
  readonly onCompared: (scenario: Scenario, agreements: readonly Agreement[]) => void
}

export interface RealAnswer {
  readonly scenario: Scenario
  readonly agreements: readonly Agreement[]
}

/**
 * Plays a scenario on the model and on real nodes of this machine, and holds one against the other.
 *
 * @throws UnknownScenarioError, ParameterError, OutputExistsError, OutputError, RunError
 * @throws DisagreementError after the report is written, where a figure differs by more than it may
 */
export async function runReal(order: RealOrder): Promise<RealAnswer> {
  const scenario = await findScenario(order.scenario)
  const { defaults, tolerances } = realScenario(scenario.name)
  const values = resolveValues(scenario, { ...defaults, ...order.settings })
  const files = await readInputFiles(scenario, values)

  checkReal(values)
  if (order.out != null) await checkOutput(order.out)

  using interruption = new Interruption()
  const printer = new ProgressPrinter({ all: order.reps, jobs: order.jobs, isQuiet: order.isQuiet })
  const setup = { seed: order.seed, values, files: files.texts }
  const played = await playJobs(
    Array.from({ length: order.reps }, (_, index) => ({
      scenario: order.scenario,
      values,
      files: files.texts,
      seed: order.seed + index
    })),
    { jobs: order.jobs, signal: interruption.signal, onPlayed: () => printer.played() }
  )
  const started = performance.now()
  const real = await playReal(scenario, setup, interruption.signal, line =>
    printer.say(line)
  ).finally(() => printer.end())
  const agreements = compareWithReal(
    tolerances,
    played.map(({ outcome }) => outcome.figures),
    real
  )

  order.onCompared(scenario, agreements)

  if (order.out != null) {
    const origin: RealOrigin = {
      ...(await describe(scenario, order, values, files.hashes)),
      realSeconds: (performance.now() - started) / 1000
    }

    await writeOutput(order.out, {
      'report.html': realReport(scenario, agreements, origin),
      'summary.json': json({ ...origin, scenario: scenario.name, agreements })
    })
  }

  const missed = agreements.filter(({ isMet }) => !isMet).map(({ figure }) => figure)

  if (missed.length > 0 || agreements.length === 0) {
    throw new DisagreementError(
      agreements.length === 0
        ? 'real nodes and the model have no figure in common: nothing was looked for'
        : `real nodes and the model differ by more than they may in ${missed.join(', ')}`
    )
  }

  return { scenario, agreements }
}

async function playReal(
  scenario: Scenario,
  setup: Setup,
  signal: AbortSignal,
  onStep: (line: string) => void
): Promise<Figures> {
  const { values, seed } = setup
  const script = scriptOf(scenario, setup)
  const streams = new Streams(seed)
  await using network = await RealNetwork.create(
    script.nodes,
    {
      k: numberOf(values, 'k'),
      alpha: numberOf(values, 'alpha'),
      disjointPaths: numberOf(values, 'paths'),
      prefixBits: numberOf(values, 'prefix.bits')
    },
    signal
  )

  return await playScript(
    script,
    network,
    { growth: streams.stream('growth'), origins: streams.stream('origins') },
    onStep
  )
}

async function describe(
  scenario: Scenario,
  { seed, reps }: RunOrder,
  values: Values,
  files: Readonly<Record<string, string>>
): Promise<Omit<RealOrigin, 'realSeconds'>> {
  const commit = await thisCommit()
  const typed = Object.fromEntries(
    Object.entries(scenario.parameters).map(([name, parameter]) => [
      name,
      formatValue(parameter, values[name] ?? '')
    ])
  )

  return {
    version: VERSION,
    ...(commit == null ? {} : { commit }),
    node: process.version,
    machine: thisMachine(),
    values: typed,
    seeds: reps,
    command: `${commandOf({ scenario: scenario.name, values: typed, seed, reps, files })} --real`
  }
}
