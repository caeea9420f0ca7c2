import { createHash } from 'node:crypto'
import { ManifestError } from './errors.ts'
import type { Violation } from './scenario.ts'

/** Raised whenever a run of the same configuration does something else than before. */
export const MANIFEST_FORMAT = 'plexnet-simulation/1'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** In bytes. */
  readonly memory: number
  readonly platform: string
}

export interface ManifestRun {
  readonly seed: number
  readonly traceHash: string
  readonly events: number
  /** The end of the run that was meant to be, and where it ended; in ticks. */
  readonly until: number
  readonly ended: number
  readonly violation?: Violation
}

export interface Configuration {
  readonly scenario: string
  /** As a person types them. */
  readonly values: Readonly<Record<string, string>>
  readonly seed: number
  readonly reps: number
  /** SHA-256 of each file that a parameter names. */
  readonly files: Readonly<Record<string, string>>
}

/** Where results come from: written beside them, and enough to get them again. */
export interface Manifest extends Configuration {
  readonly format: typeof MANIFEST_FORMAT
  readonly configurationHash: string
  /** As typed into a shell. */
  readonly command: string
  readonly version: string
  readonly commit?: string
  readonly node: string
  readonly machine: Machine
  /** ISO 8601. */
  readonly started: string
  readonly wallSeconds: number
  readonly cpuSeconds: number
  /** In bytes. */
  readonly peakRss: number
  readonly interrupted: boolean
  readonly runs: readonly ManifestRun[]
}

/** SHA-256 over all that decides what a run does. */
export function configurationHash({ scenario, values, seed, reps, files }: Configuration): string {
  const ordered = [MANIFEST_FORMAT, scenario, sorted(values), seed, reps, sorted(files)]

  return createHash('sha256').update(JSON.stringify(ordered)).digest('hex')
}

/** The command that makes a run. */
export function commandOf({ scenario, values, seed, reps }: Configuration): string {
  const settings = Object.entries(values).map(
    ([name, value]) => `--set ${quoted(`${name}=${value}`)}`
  )

  return [
    `plexnet simulate run ${quoted(scenario)} --seed ${seed} --reps ${reps}`,
    ...settings
  ].join(' ')
}

/**
 * Reads a manifest back.
 *
 * @throws ManifestError where it is damaged, changed by hand or of another version
 */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text)

  if (!isRecord(value) || typeof value['format'] !== 'string') {
    throw new ManifestError('this is no manifest of a simulation')
  }
  if (value['format'] !== MANIFEST_FORMAT) {
    throw new ManifestError(
      `this manifest is of the form ${value['format']}, and this simulator makes ${MANIFEST_FORMAT}: its runs would not be the same`
    )
  }
  if (!isManifest(value)) throw new ManifestError('this manifest is damaged: fields are missing')
  if (configurationHash(value) !== value.configurationHash) {
    throw new ManifestError(
      'this manifest was changed: its configuration is not the one that was run'
    )
  }

  return value
}

function isManifest(value: object): value is Manifest {
  const {
    scenario,
    values,
    files,
    seed,
    reps,
    runs,
    configurationHash: hash
  }: Partial<Manifest> = value

  return (
    typeof scenario === 'string' &&
    typeof hash === 'string' &&
    Number.isSafeInteger(seed) &&
    Number.isSafeInteger(reps) &&
    isRecord(values) &&
    isRecord(files) &&
    Array.isArray(runs) &&
    runs.every(
      (run: unknown) =>
        isRecord(run) &&
        Number.isSafeInteger(run['seed']) &&
        typeof run['traceHash'] === 'string' &&
        typeof run['until'] === 'number' &&
        typeof run['ended'] === 'number'
    )
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ManifestError('this is no manifest of a simulation: it is not JSON', { cause: error })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value != null && !Array.isArray(value)
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function quoted(text: string): string {
  return /^[\w=.,:/%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
