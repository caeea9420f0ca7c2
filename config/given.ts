import { dirname } from 'node:path'
import { readText } from './check.ts'
import { ConfigError, type ConfigFault } from './errors.ts'
import { lineOf, readFileSettings } from './file.ts'
import { nearest } from './nearest.ts'
import { SETTINGS } from './schema.ts'

/** A value as somebody wrote it. */
export interface Given {
  readonly key: string
  readonly raw: unknown
  /** The file, the variable or the flag. */
  readonly source: string
  /** Relative paths start here. */
  readonly base: string
  /** Finding a line costs time, so only what is wrong is asked for it. */
  readonly fault: () => ConfigFault
}

/** Variables that are not settings. */
const OTHER_VARIABLES = new Set([
  'PLEXNET_HOME',
  'PLEXNET_CONFIG',
  'PLEXNET_PASSPHRASE',
  'PLEXNET_PASSPHRASE_FILE'
])

/**
 * By dotted key; undefined is as though not given.
 * @throws ConfigError for keys that mean nothing
 */
export function fromFlags(flags: Readonly<Record<string, unknown>>): Given[] {
  return Object.entries(flags).flatMap(([key, value]) => {
    const setting = SETTINGS.find(candidate => candidate.key === key)

    if (setting == null) {
      const known = SETTINGS.map(candidate => candidate.key)

      throw unknown(key, known, { origin: `--set ${key}`, key, value })
    }
    const { field } = setting
    const raw = typeof value === 'string' ? readText(field, value) : value

    return value === undefined ? [] : [given(key, raw, field.flag ?? `--set ${key}`)]
  })
}

/** @throws ConfigError for a PLEXNET_ variable that means nothing */
export function fromEnvironment(env: NodeJS.ProcessEnv): Given[] {
  return Object.entries(env)
    .filter(([name]) => name.startsWith('PLEXNET_') && !OTHER_VARIABLES.has(name))
    .map(([name, text = '']) => {
      const setting = SETTINGS.find(({ variable }) => variable === name)

      if (setting == null) {
        const known = [...SETTINGS.map(({ variable }) => variable), ...OTHER_VARIABLES]

        throw unknown(name, known, { origin: 'environment', key: name, value: text })
      }

      return given(setting.key, text === '' ? '' : readText(setting.field, text), name)
    })
}

/** @throws ConfigError for what is not TOML and for keys that mean nothing */
export function fromFile(file: { path: string; text: string }): Given[] {
  const { path, text } = file
  const known = SETTINGS.map(({ key }) => key)

  return [...readFileSettings(text, path)].map(([key, raw]) => {
    const fault = (): ConfigFault => {
      const line = lineOf(text, key)
      const origin = line == null ? path : `${path}, line ${line}`

      return { origin, file: path, line, key, value: raw }
    }
    if (!known.includes(key)) {
      throw unknown(key, known, fault())
    }

    return { key, raw, source: path, base: dirname(path), fault }
  })
}

function given(key: string, raw: unknown, source: string): Given {
  return {
    key,
    raw,
    source,
    base: process.cwd(),
    fault: () => ({ origin: source, key, value: raw })
  }
}

function unknown(name: string, known: string[], fault: ConfigFault): ConfigError {
  const meant = nearest(name, known)
  const hint =
    meant == null ? '`plexnet config show` lists all that there are' : `did you mean ${meant}?`

  return new ConfigError(`unknown setting ${name}; ${hint}`, { ...fault, nearest: meant })
}
