import type { Command } from 'commander'
import { printLine, type Context, type Output, type Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'

/** Seeds of a run: with 20, the interval of a mean is narrow enough to compare. */
const DEFAULT_REPS = '20'

interface PlayOptions {
  readonly nodes?: string
  readonly seed: string
  readonly set: string[]
  readonly out?: string
  readonly reps: string
  readonly jobs: string
}

export function addSimulate(program: Command, run: Run): void {
  const simulate = program
    .command('simulate')
    .description('simulate networks of up to a million nodes, and reproduce published results')

  simulate.command('list').description('the scenarios and their parameters').action(run(list))

  addPlayOptions(
    simulate
      .command('run')
      .description('play a scenario with several seeds and report')
      .argument('<scenario>', 'its name, or a file that exports one')
      .option(
        '--real',
        'play it on real nodes of this machine as well, and end with code 6 where they differ from the model'
      )
  )
    .addHelpText(
      'after',
      examples(
        'plexnet simulate run lookup-scale --nodes 100000 --reps 1 --out lookups',
        'plexnet simulate run lookup-scale --set loss=5% --set alpha=5 --jobs 2',
        'plexnet simulate run lookup-scale --real --nodes 30'
      )
    )
    .action(run(play))

  addPlayOptions(
    simulate
      .command('sweep')
      .description('play a scenario with one combination of values after another')
      .argument('<scenario>', 'its name, or a file that exports one')
      .requiredOption('--vary <name=values...>', 'values of a parameter, with commas between')
  )
    .addHelpText(
      'after',
      examples(
        'plexnet simulate sweep churn --vary pause.mean=1h,4h,12h --reps 20 --jobs 2 --out sweep'
      )
    )
    .action(run(sweep))

  simulate
    .command('validate')
    .description('get published results again; ends with code 6 where one does not come out')
    .argument('[names...]', 'which (default: all)')
    .option('--quick', 'smaller networks and fewer runs')
    .option(
      '--data <folder>',
      'files of third parties (default: $PLEXNET_SIMULATION_DATA); what needs one that is not there is left out'
    )
    .option('--out <folder>', 'where the report goes; it must not be there yet')
    .option('--jobs <count>', 'validations at once', '1')
    .addHelpText('after', examples('plexnet simulate validate --quick --jobs 2 --out validation'))
    .action(run(validatePublished))

  simulate
    .command('replay')
    .description('play a run again from its manifest, and see that it does the same')
    .argument('<manifest>', 'manifest.json of a run')
    .option('--seed <seed>', 'which of its seeds (default: the one that failed, or the first)')
    .option('--until <time>', 'stop there, as in 12.5s')
    .option('--trace', 'print each event: time, microseconds, what, and the two nodes')
    .addHelpText(
      'after',
      examples('plexnet simulate replay lookups/manifest.json --until 12.5s --trace')
    )
    .action(run(replayManifest))

  simulate
    .command('compare')
    .description('the figures of two runs of a scenario side by side')
    .argument('<one>', 'folder of results')
    .argument('<other>', 'folder of results')
    .action(run(compare))
}

function addPlayOptions(command: Command): Command {
  return command
    .option('--nodes <count>', 'short for --set nodes=COUNT')
    .option('--seed <number>', 'the first seed; the others follow it', '1')
    .option('--set <name=value...>', 'a parameter of the scenario', [])
    .option('--out <folder>', 'where the report goes; it must not be there yet')
    .option('--reps <count>', 'seeds that are played', DEFAULT_REPS)
    .option('--jobs <count>', 'seeds that are played at once', '1')
}

async function list(): Promise<Output> {
  const { SCENARIOS, describeScenarios } = await import('../simulations/index.ts')

  return {
    value: SCENARIOS.map(({ name, title, description, parameters, figures }) => ({
      name,
      title,
      description,
      parameters,
      figures
    })),
    text: describeScenarios(SCENARIOS)
  }
}

async function play(
  context: Context,
  scenario: string,
  options: PlayOptions & { real?: boolean }
): Promise<Output> {
  if (options.real === true) return playReal(context, scenario, options)

  const { runScenario, describeSummary } = await import('../simulations/index.ts')
  const answer = await runScenario({ scenario, ...(await playOrder(context, options)) })
  const text = [
    describeSummary(answer.scenario, answer.summary),
    ...(answer.manifest.interrupted ? ['Broken off: these are the results so far.'] : []),
    ...(options.out == null ? [] : [`Report: ${options.out}/report.html`])
  ].join('\n')

  return { value: { ...answer.summary, manifest: answer.manifest }, text }
}

async function playReal(context: Context, scenario: string, options: PlayOptions): Promise<Output> {
  const { runReal, describeAgreements } = await import('../simulations/index.ts')
  const answer = await runReal({
    scenario,
    ...(await playOrder(context, options)),
    onCompared: (compared, agreements) => {
      if (!context.json) printLine(describeAgreements(compared, agreements))
    }
  })

  return {
    value: answer.agreements,
    text: [
      'Real nodes do as the model says.',
      ...(options.out == null ? [] : [`Report: ${options.out}/report.html`])
    ].join('\n')
  }
}

async function sweep(
  context: Context,
  scenario: string,
  options: PlayOptions & { vary: string[] }
): Promise<Output> {
  const { runSweep, describeSweep } = await import('../simulations/index.ts')
  const order = await playOrder(context, options)
  const answer = await runSweep({ scenario, vary: options.vary, ...order })
  const text = [
    describeSweep(answer.scenario, answer.points),
    ...(answer.interrupted ? ['Broken off: combinations are missing.'] : []),
    ...(options.out == null ? [] : [`Report: ${options.out}/report.html`])
  ].join('\n')

  return { value: answer.points, text }
}

async function validatePublished(
  context: Context,
  names: string[],
  options: { quick?: boolean; data?: string; out?: string; jobs: string }
): Promise<Output> {
  const { validate, describeValidated } = await import('../simulations/index.ts')
  const data = options.data ?? context.env['PLEXNET_SIMULATION_DATA']
  const { validated, interrupted } = await validate({
    names,
    isQuick: options.quick === true,
    jobs: wholeNumber('--jobs', options.jobs, 1),
    ...(data == null ? {} : { data }),
    ...(options.out == null ? {} : { out: options.out }),
    onValidated: one => {
      if (!context.json) printLine(describeValidated(one))
    }
  })

  const leftOut = validated.flatMap(({ checks }) =>
    checks.filter(one => one.verdict === 'left out')
  )
  const all = interrupted ? 'Broken off: what was got by then came out' : 'All came out'
  const text = [
    leftOut.length === 0 ? `${all}.` : `${all} but ${leftOut.length} left out.`,
    ...(options.out == null ? [] : [`Report: ${options.out}/report.html`])
  ].join('\n')

  return { value: validated, text }
}

async function replayManifest(
  context: Context,
  manifest: string,
  options: { seed?: string; until?: string; trace?: boolean }
): Promise<Output> {
  const { replay, describeTicks, parseQuantity } = await import('../simulations/index.ts')
  const until = options.until == null ? undefined : parseQuantity(options.until, 'duration')

  if (options.until != null && until == null) {
    throw new UsageError(
      `--until takes a duration such as 12.5s, not ${JSON.stringify(options.until)}`
    )
  }

  const answer = await replay({
    manifest,
    ...(options.seed == null ? {} : { seed: wholeNumber('--seed', options.seed, 0) }),
    ...(until == null ? {} : { until }),
    ...(options.trace === true && !context.json ? { onEvent: printLine } : {})
  })
  const violation =
    answer.violation == null ? '' : ` It stopped there: ${answer.violation.message}.`

  return {
    value: answer,
    text: `Seed ${answer.seed}, at ${describeTicks(answer.ended)}: ${answer.events} events, trace ${answer.traceHash}.${violation}`
  }
}

async function compare(_: Context, one: string, other: string): Promise<Output> {
  const { compareFolders, describeComparison } = await import('../simulations/index.ts')
  const comparisons = await compareFolders(one, other)

  return { value: comparisons, text: describeComparison(comparisons) }
}

async function playOrder(
  context: Context,
  options: PlayOptions
): Promise<{
  settings: Record<string, string>
  seed: number
  reps: number
  jobs: number
  isQuiet: boolean
  out?: string
}> {
  const { parseSettings } = await import('../simulations/index.ts')

  return {
    settings: {
      ...(options.nodes == null ? {} : { nodes: options.nodes }),
      ...parseSettings(options.set)
    },
    seed: wholeNumber('--seed', options.seed, 0),
    reps: wholeNumber('--reps', options.reps, 1),
    jobs: wholeNumber('--jobs', options.jobs, 1),
    isQuiet: context.json,
    ...(options.out == null ? {} : { out: options.out })
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text)

  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(
      `${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}`
    )
  }

  return value
}
