import type { IncomingHttpHeaders } from 'node:http'
import { valueOf, type Fields } from './fields.ts'

/** What a request must have in common with the one that brought a response: names, values as they were, and as `normalised` makes them. */
export type Selector = readonly {
  readonly name: string
  readonly raw: IncomingHttpHeaders[string]
  readonly value: string
}[]

// Fields in which neither case nor the order of equals says anything (RFC 9110 sections 12.5.2 to 12.5.4).
const PREFERENCES = new Set(['accept-language', 'accept-encoding', 'accept-charset'])

/** By which fields a response was chosen; undefined where no other request can be told to choose the same (RFC 9111 section 4.1). */
export function selectorOf(response: Fields, request: IncomingHttpHeaders): Selector | undefined {
  const field = valueOf(response, 'vary')

  if (field === undefined) {
    return []
  }

  const names = field
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')

  return names.includes('*')
    ? undefined
    : [...new Set(names)].map(name => ({
        name,
        raw: request[name],
        value: normalised(name, request[name])
      }))
}

export function isSameSelector(one: Selector, other: Selector): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, value }, index) => {
      const counterpart = other[index]

      return counterpart?.name === name && counterpart.value === value
    })
  )
}

/** Whether a response with this selector may answer the request. */
export function selects(
  selector: Selector,
  request: IncomingHttpHeaders,
  language: string | undefined
): boolean {
  for (const { name, raw, value } of selector) {
    const field = request[name]

    if (
      field !== raw &&
      normalised(name, field) !== value &&
      !(name === 'accept-language' && isPreferred(field, language))
    ) {
      return false
    }
  }

  return true
}

/** A request field in the one form that stands for all that mean the same. */
function normalised(name: string, field: string | readonly string[] | undefined): string {
  const text = typeof field === 'string' ? field : (field?.join(',') ?? '')

  if (text.includes('"')) {
    return text.trim()
  }

  return PREFERENCES.has(name)
    ? preferences(text)
        .map(({ value, weight }) => `${value};${weight}`)
        .join(',')
    : text
        .split(',')
        .map(member => member.trim())
        .join(',')
}

/** The response is in the one language that the reader puts before all others, so that the origin has no better one. */
function isPreferred(
  field: string | readonly string[] | undefined,
  language: string | undefined
): boolean {
  if (typeof field !== 'string' || language === undefined) {
    return false
  }

  const [first, second] = preferences(field)

  return (
    first !== undefined &&
    first.value === language.toLowerCase() &&
    first.weight > (second?.weight ?? 0)
  )
}

function preferences(field: string): { value: string; weight: number }[] {
  return field
    .toLowerCase()
    .split(',')
    .map(member => {
      const [value = '', ...parameters] = member.split(';').map(part => part.trim())
      const [, weight] = /^q=(\d(?:\.\d{0,3})?)$/.exec(parameters[0] ?? '') ?? []

      return { value, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ value }) => value !== '')
    .toSorted((one, other) => other.weight - one.weight || (one.value < other.value ? -1 : 1))
}
