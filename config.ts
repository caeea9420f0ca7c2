import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compose, decide } from './config/decide.ts'
import { type Directories, directoriesOf } from './config/directories.ts'
import { ConfigError } from './config/errors.ts'
import { fromEnvironment, fromFile, fromFlags } from './config/given.ts'
import type { Configuration } from './config/schema.ts'
import { settle } from './config/together.ts'

export { type Directories, directoriesOf } from './config/directories.ts'
export { ConfigError } from './config/errors.ts'
export { type Configuration, SETTINGS } from './config/schema.ts'

export interface LoadOptions {
  /** Values of the command line by dotted key; undefined ones are as though not given. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined
  readonly env: NodeJS.ProcessEnv
  /** In place of PLEXNET_HOME. */
  readonly home?: string | undefined
  /** In place of PLEXNET_CONFIG; unlike config.toml, a file that is named must exist. */
  readonly file?: string | undefined
}

export interface LoadedConfiguration {
  readonly configuration: Configuration
  readonly directories: Directories
  /** The file that is read where there is one. */
  readonly path: string
  /** Every setting with the file, variable or flag that decided it, or 'default'. */
  readonly settings: readonly { key: string; value: unknown; source: string }[]
}

/**
 * Flags over environment over file over defaults. An empty value leaves its key unset.
 * @throws ConfigError
 */
export function loadConfiguration(options: LoadOptions): LoadedConfiguration {
  const { flags = {}, env, home } = options
  const directories = directoriesOf(env, home)
  const named = options.file ?? (env['PLEXNET_CONFIG'] || undefined)
  const path = resolve(named ?? join(directories.config, 'config.toml'))
  const text = readText(path, named != null)
  const decided = decide([
    ...fromFlags(flags),
    ...fromEnvironment(env),
    ...(text == null ? [] : fromFile({ path, text }))
  ])
  const configuration = settle(
    compose(decided),
    key => decided.find(({ setting }) => setting.key === key)?.fault() ?? { origin: 'default' }
  )
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = configuration
  const settings = decided.map(({ setting: { key, section, property }, source }) => ({
    key,
    value: values[section]?.[property],
    source
  }))

  return { configuration, directories, path, settings }
}

function readText(path: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

    if (isMissing && !mustExist) {
      return undefined
    }
    const reason = isMissing ? 'no such file' : `cannot be read: ${String(cause)}`

    throw new ConfigError(reason, { origin: path, file: path }, { cause })
  }
}
