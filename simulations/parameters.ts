import { exampleOf, formatQuantity, parseQuantity } from './engine/units.ts'
import { ParameterError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import type { Parameter, Quantity, Scenario, Value, Values } from './scenario.ts'

/**
 * A value for each parameter of a scenario: what was typed, else the default.
 *
 * @throws ParameterError
 */
export function resolveValues(scenario: Scenario, typed: Readonly<Record<string, string>>): Values {
  const names = Object.keys(scenario.parameters)

  for (const name of Object.keys(typed)) {
    if (!names.includes(name)) throw unknown(scenario, name, names)
  }

  const values = Object.fromEntries(
    Object.entries(scenario.parameters).map(([name, parameter]) => [
      name,
      parseValue(name, parameter, typed[name] ?? parameter.default)
    ])
  )
  const problem = scenario.check?.(values)

  if (problem != null) throw new ParameterError(`${scenario.name}: ${problem}`)

  return values
}

/** 'name=value' texts, the last of a name counts. @throws ParameterError */
export function parseSettings(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map(text => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []

      if (name == null || value == null) {
        throw new ParameterError(`${JSON.stringify(text)} is not of the form name=value`)
      }

      return [name.trim(), value.trim()]
    })
  )
}

/** A value as a person types it. */
export function formatValue(parameter: Parameter, value: Value): string {
  return 'unit' in parameter && typeof value === 'number'
    ? formatQuantity(value, parameter.unit)
    : String(value)
}

/** The default as values are written. */
export function formatDefault(parameter: Parameter): string {
  return 'unit' in parameter
    ? formatQuantity(parseQuantity(parameter.default, parameter.unit) ?? Number.NaN, parameter.unit)
    : parameter.default
}

function parseValue(name: string, parameter: Parameter, text: string): Value {
  if ('unit' in parameter) return parseBounded(name, parameter, text)
  if ('file' in parameter) return text

  if (!parameter.choices.includes(text)) {
    throw new ParameterError(
      `${name} is one of ${parameter.choices.join(', ')}, not ${JSON.stringify(text)}`
    )
  }

  return text
}

function parseBounded(name: string, parameter: Quantity, text: string): number {
  const value = parseQuantity(text, parameter.unit)
  const { least = 0, most = Infinity, unit } = parameter

  if (value == null) {
    throw new ParameterError(`${name} takes ${exampleOf(unit)}, not ${JSON.stringify(text)}`)
  }
  if (value < least || value > most) {
    const bound =
      value < least
        ? `at least ${formatQuantity(least, unit)}`
        : `at most ${formatQuantity(most, unit)}`

    throw new ParameterError(`${name} is ${bound}, not ${text}`)
  }

  return value
}

function unknown(scenario: Scenario, name: string, names: readonly string[]): ParameterError {
  const near = nearestName(name, names)

  return new ParameterError(
    `${scenario.name} has no parameter ${name}; ${
      near == null ? `it has ${names.join(', ')}` : `did you mean ${near}?`
    }`
  )
}
