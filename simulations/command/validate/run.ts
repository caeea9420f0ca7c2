import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { VERSION } from '../../../version.ts'
import { RunError, UnknownScenarioError, ValidationError } from '../../errors.ts'
import { nearestName } from '../../nearest-name.ts'
import { checkOutput, writeOutput } from '../../output/store.ts'
import { json } from '../../report/run-files.ts'
import { validationReport, type Validated } from '../../report/validation-report.ts'
import { VALIDATIONS } from '../../validations/list.ts'
import type { Check, ValidationSetup } from '../../validations/validation.ts'
import { thisCommit, thisMachine } from '../environment/service.ts'
import { Interruption } from '../interruption/service.ts'
import { readThirdPartyData } from '../third-party-data/store.ts'

/** What tells a module that runs in a worker that it is one of these. */
const MARK = 'plexnet-validation'

/** In MiB: a million nodes' odds and ends. */
const OLD_GENERATION = 6144

export interface ValidateOrder {
  /** Which; all when empty. */
  readonly names: readonly string[]
  readonly isQuick: boolean
  readonly jobs: number
  /** A folder with files of third parties. */
  readonly data?: string
  readonly out?: string
  readonly onValidated: (validated: Validated) => void
}

export interface ValidateAnswer {
  readonly validated: readonly Validated[]
  /** Broken off: some are missing. */
  readonly interrupted: boolean
}

/**
 * Gets published results again. When it is broken off, it reports on those that were got by then.
 *
 * @throws UnknownScenarioError, OutputExistsError, OutputError, RunError
 * @throws ValidationError after the report is written, where one did not come out
 */
export async function validate(order: ValidateOrder): Promise<ValidateAnswer> {
  const chosen = chosenNames(order.names)
  const data = await readThirdPartyData(order.data)

  if (order.out != null) await checkOutput(order.out)

  using interruption = new Interruption()
  const { signal } = interruption
  const results = new Map<string, Validated>()
  const queue = chosen.values()

  await Promise.all(
    Array.from({ length: Math.min(order.jobs, chosen.length) }, async () => {
      for (const name of queue) {
        const validated = await validateInWorker(name, { isQuick: order.isQuick, data }, signal)

        if (validated == null) return
        results.set(name, validated)
        order.onValidated(validated)
      }
    })
  )

  const validated = chosen.flatMap(name => results.get(name) ?? [])

  if (order.out != null) {
    const commit = await thisCommit()
    const origin = {
      version: VERSION,
      ...(commit == null ? {} : { commit }),
      node: process.version,
      machine: thisMachine(),
      isQuick: order.isQuick,
      interrupted: signal.aborted
    }

    await writeOutput(order.out, {
      'report.html': validationReport(validated, origin),
      'summary.json': json({ ...origin, validations: validated })
    })
  }

  const missed = validated.flatMap(({ title, checks }) =>
    checks.filter(({ verdict }) => verdict === 'missed').map(({ what }) => `${title}: ${what}`)
  )

  if (missed.length > 0) {
    throw new ValidationError(
      `${missed.length} published results did not come out: ${missed.join('; ')}`
    )
  }

  return { validated, interrupted: signal.aborted }
}

function chosenNames(names: readonly string[]): string[] {
  const known = VALIDATIONS.map(({ name }) => name)

  for (const name of names) {
    if (!known.includes(name)) {
      const near = nearestName(name, known)

      throw new UnknownScenarioError(
        `there is no validation ${name}; ${near == null ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`
      )
    }
  }

  return names.length === 0 ? known : known.filter(name => names.includes(name))
}

/** Undefined where it was broken off. */
async function validateInWorker(
  name: string,
  setup: ValidationSetup,
  signal: AbortSignal
): Promise<Validated | undefined> {
  if (signal.aborted) return undefined

  const { promise, resolve, reject } = Promise.withResolvers<Validated | undefined>()
  const onAbort = (): void => resolve(undefined)
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { mark: MARK, name, setup },
    resourceLimits: { maxOldGenerationSizeMb: OLD_GENERATION }
  })

  signal.addEventListener('abort', onAbort)
  worker.once('message', resolve)
  worker.once('error', error =>
    reject(new RunError(`the validation ${name} broke off: ${String(error)}`, { cause: error }))
  )

  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

function validateHere(name: string, setup: ValidationSetup): void {
  const validation = VALIDATIONS.find(one => one.name === name)

  if (validation == null) throw new TypeError(`no validation ${name}`)

  const started = performance.now()
  const checks: Check[] = validation.check(setup)
  const { title, source, conditions } = validation
  const seconds = (performance.now() - started) / 1000
  const validated: Validated = { name, title, source, conditions, checks, seconds }

  parentPort?.postMessage(validated, [])
}

if (!isMainThread && workerData?.mark === MARK) validateHere(workerData.name, workerData.setup)
