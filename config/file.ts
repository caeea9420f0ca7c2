import { parse, TomlError, type TomlTable } from 'smol-toml'
import { ConfigError } from './errors.ts'

/** A configuration is read whole; more than this is not one. */
export const MAX_FILE_BYTES = 64 * 1024

/**
 * The dotted keys of a configuration file and their values. Lines that begin with `;` are comments, as in INI files.
 * @throws ConfigError with the line that is not TOML
 */
export function readFileSettings(text: string, file: string): Map<string, unknown> {
  const toml = withoutIniComments(text)

  if (Buffer.byteLength(toml) > MAX_FILE_BYTES) {
    throw new ConfigError(`larger than ${MAX_FILE_BYTES} bytes, which no configuration is`, {
      origin: file,
      file
    })
  }
  try {
    return new Map(flatten(parse(toml)))
  } catch (cause) {
    if (!(cause instanceof TomlError)) {
      throw cause
    }
    const [reason = cause.message] = cause.message.split('\n')
    const fault = { origin: `${file}, line ${cause.line}`, file, line: cause.line }

    throw new ConfigError(`not TOML: ${reason.replace(/^Invalid TOML document: /, '')}`, fault, {
      cause
    })
  }
}

/** The line on which a key is set, from 1: the statement that ends on the first line with which the file so far has the key. */
export function lineOf(text: string, key: string): number | undefined {
  const lines = withoutIniComments(text).split('\n')
  let start = 0

  for (const end of lines.keys()) {
    const soFar = tryParse(lines.slice(0, end + 1).join('\n'))

    if (soFar?.has(key) === true) {
      return start + 1
    }
    start = soFar == null ? start : end + 1
  }

  return undefined
}

function withoutIniComments(text: string): string {
  return text.replaceAll(/^([ \t]*);/gm, '$1#')
}

function tryParse(text: string): Map<string, unknown> | undefined {
  try {
    return new Map(flatten(parse(text)))
  } catch {
    return undefined
  }
}

function flatten(table: TomlTable, prefix = ''): [string, unknown][] {
  return Object.entries(table).flatMap(([name, value]): [string, unknown][] =>
    isTable(value) ? flatten(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value]]
  )
}

function isTable(value: unknown): value is TomlTable {
  return (
    typeof value === 'object' && value != null && !Array.isArray(value) && !(value instanceof Date)
  )
}
