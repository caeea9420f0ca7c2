import { FORMATS } from './formats.ts'
import { formatQuantity, parseQuantity } from './quantities.ts'
import type { Field } from './schema.ts'

type Kind = Omit<Field, 'description'>

export type Checked = { readonly value: unknown } | { readonly allowed: string }

/** The value as the node uses it, or what would have been allowed in its place. */
export function checkValue(field: Kind, raw: unknown): Checked {
  const value = field.unit != null && typeof raw === 'string' ? parseQuantity(raw, field.unit) : raw

  return TYPES[field.type].accepts(field, value)
    ? { value }
    : { allowed: TYPES[field.type].describe(field) }
}

/** What a word of an environment variable or of the command line stands for; as it is where it stands for nothing. */
export function readText(field: Kind, text: string): unknown {
  return TYPES[field.type].read(field, text)
}

interface Type {
  accepts(field: Kind, value: unknown): boolean
  describe(field: Kind): string
  read(field: Kind, text: string): unknown
}

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false]
])

const TYPES: Record<Field['type'], Type> = {
  boolean: {
    accepts: (_, value) => typeof value === 'boolean',
    describe: () => 'true or false',
    read: (_, text) => BOOLEANS.get(text.toLowerCase()) ?? text
  },
  integer: {
    accepts: ({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }, value) =>
      typeof value === 'number' &&
      Number.isSafeInteger(value) &&
      value >= minimum &&
      value <= maximum,
    describe: describeInteger,
    read: ({ unit }, text) => (unit == null && /^\d+$/.test(text) ? Number(text) : text)
  },
  string: {
    accepts: ({ enum: values, format }, value) =>
      typeof value === 'string' &&
      (values == null || values.includes(value)) &&
      (format == null || FORMATS[format].accepts(value)),
    describe: ({ enum: values, format }) =>
      values?.join(', ') ?? (format == null ? 'text' : FORMATS[format].allowed),
    read: (_, text) => text
  },
  array: {
    accepts: ({ items = { type: 'string' }, maxItems = Infinity }, value) =>
      Array.isArray(value) &&
      value.length <= maxItems &&
      value.every(item => TYPES[items.type].accepts(items, item)),
    describe: ({ items = { type: 'string' }, maxItems = Infinity }) =>
      `a list of at most ${maxItems}, each ${TYPES[items.type].describe(items)}`,
    read: ({ items = { type: 'string' } }, text) =>
      text
        .split(/[\s,]+/)
        .filter(item => item !== '')
        .map(item => TYPES[items.type].read(items, item))
  }
}

function describeInteger({ unit, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Kind): string {
  if (unit == null) {
    return `a whole number from ${minimum} to ${maximum}`
  }
  const range = `from ${formatQuantity(minimum, unit)} to ${formatQuantity(maximum, unit)}`

  return `${range}, written like ${WRITTEN[unit]}`
}

const WRITTEN = {
  milliseconds: '4h or as a number of milliseconds',
  bytes: '5MiB or as a number of bytes',
  rate: '10Mbit or 1MiB, a second, or as a number of bytes a second'
} as const
