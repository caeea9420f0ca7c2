import { readFile } from 'node:fs/promises'
import { describeTicks, LAST_TICK } from '../../engine/ticks.ts'
import { ManifestError, ReplayError } from '../../errors.ts'
import { eventName } from '../../event-name.ts'
import { findScenario } from '../../find-scenario/service.ts'
import { parseManifest, type Manifest, type ManifestRun } from '../../manifest.ts'
import { resolveValues } from '../../parameters.ts'
import type { Outcome, Run, Violation } from '../../scenario.ts'
import { readInputFiles } from '../input-files/store.ts'

/** Events between two looks at the time. */
const SLICE = 5000

export interface ReplayOrder {
  readonly manifest: string
  /** Which of its seeds; else the first that broke an invariant, else the first. */
  readonly seed?: number
  /** Where to stop, in ticks. */
  readonly until?: number
  /** Called with a line for each event. */
  readonly onEvent?: (line: string) => void
}

export interface ReplayAnswer {
  readonly seed: number
  readonly ended: number
  readonly events: number
  readonly traceHash: string
  readonly violation?: Violation
  readonly outcome: Outcome
}

/**
 * Plays a run again from its manifest; one that is played to its end must leave the same trace.
 *
 * @throws ManifestError, ReplayError
 */
export async function replay(order: ReplayOrder): Promise<ReplayAnswer> {
  const manifest = await readManifest(order.manifest)
  const original = chosenRun(manifest, order)
  const run = await beginAgain(manifest, original.seed)
  const stop = Math.min(order.until ?? LAST_TICK, original.ended)

  run.listen?.((time, kind, a, b) =>
    order.onEvent?.(`${describeTicks(time)}\t${time}\t${eventName(kind)}\t${a}\t${b}`)
  )
  while (run.advance(order.until == null ? SLICE : 1) && run.now < stop);

  const isWhole =
    order.until == null && (original.ended === original.until || original.violation != null)

  if (isWhole && run.trace.hash !== original.traceHash) {
    throw new ReplayError(
      `seed ${original.seed} left the trace ${run.trace.hash}, and ${original.traceHash} when the manifest was written (${manifest.version}, ${manifest.commit ?? 'no commit'}): the simulator does something else now`
    )
  }

  return {
    seed: original.seed,
    ended: run.now,
    events: run.trace.events,
    traceHash: run.trace.hash,
    ...(run.violation == null ? {} : { violation: run.violation }),
    outcome: run.outcome()
  }
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    return parseManifest(await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof ManifestError) throw new ManifestError(`${file}: ${error.message}`)

    throw new ManifestError(`${file} cannot be read (${String(error)})`, { cause: error })
  }
}

function chosenRun({ runs }: Manifest, { seed, manifest }: ReplayOrder): ManifestRun {
  const chosen =
    seed == null
      ? (runs.find(({ violation }) => violation != null) ?? runs[0])
      : runs.find(run => run.seed === seed)

  if (chosen == null) {
    throw new ManifestError(
      `${manifest} has no run ${seed == null ? '' : `with seed ${seed}`}; its seeds are ${runs.map(run => run.seed).join(', ')}`
    )
  }

  return chosen
}

async function beginAgain(manifest: Manifest, seed: number): Promise<Run> {
  const scenario = await findScenario(manifest.scenario)
  const values = resolveValues(scenario, manifest.values)
  const files = await readInputFiles(scenario, values)

  for (const [name, hash] of Object.entries(manifest.files)) {
    if (files.hashes[name] !== hash) {
      throw new ManifestError(
        `the file that ${name} names is not the one that the manifest was written with`
      )
    }
  }

  return scenario.begin({ seed, values, files: files.texts })
}
