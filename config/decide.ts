import { checkValue } from './check.ts'
import { ConfigError, type ConfigFault } from './errors.ts'
import type { Given } from './given.ts'
import { PLACES } from './formats.ts'
import { type Configuration, type Field, type Setting, SETTINGS } from './schema.ts'

/** A setting with its value and what decided it. */
export interface Decided {
  readonly setting: Setting
  readonly value: unknown
  readonly source: string
  readonly fault: () => ConfigFault
}

/**
 * Each setting takes the first value that is given and not empty.
 * @param given highest precedence first
 * @throws ConfigError
 */
export function decide(given: readonly Given[]): Decided[] {
  return SETTINGS.map(setting => {
    const found = given.find(({ key, raw }) => key === setting.key && raw !== '')

    return found == null ? byDefault(setting) : { setting, ...accept(setting, found) }
  })
}

export function compose(decided: readonly Decided[]): Configuration {
  const sections: Sections = {}

  for (const { setting, value } of decided) {
    sections[setting.section] = { ...sections[setting.section], [setting.property]: value }
  }
  if (!isComplete(sections)) {
    throw new TypeError('a setting of the schema was not decided')
  }

  return sections
}

type Sections = Record<string, Record<string, unknown>>

/** Values have been checked one by one against the schema that the type is made from. */
function isComplete(sections: Sections): sections is Sections & Configuration {
  return SETTINGS.every(({ section, property }) => property in (sections[section] ?? {}))
}

function byDefault(setting: Setting): Decided {
  const { key, field } = setting
  const fault = (): ConfigFault => ({ origin: 'default', key, value: field.default })

  return { setting, value: field.default, source: 'default', fault }
}

function accept(
  { key, field }: Setting,
  { raw, base, source, fault }: Given
): Omit<Decided, 'setting'> {
  const checked = checkValue(field, raw)

  if ('allowed' in checked) {
    const { allowed } = checked
    const message = `${key} = ${JSON.stringify(raw)} is not allowed; allowed: ${allowed}`

    throw new ConfigError(message, { ...fault(), allowed })
  }

  return { value: placed(field, checked.value, base), source, fault }
}

/** Paths start where they were written. */
function placed(
  { format, items }: Pick<Field, 'format' | 'items'>,
  value: unknown,
  base: string
): unknown {
  if (Array.isArray(value)) {
    return value.map(item => placed(items ?? {}, item, base))
  }
  const place = format == null ? undefined : PLACES[format]

  return place == null || typeof value !== 'string' ? value : place(value, base)
}
