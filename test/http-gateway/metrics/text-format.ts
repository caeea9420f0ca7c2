export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`)

// What Go's ParseFloat takes.
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)|nan)$/i

/** Units and countable things that a name may end in, as promtool has it. */
const ENDS_IN_UNIT =
  /_(total|seconds|bytes|info|ratio|count|connections|peers|files|fds|handles|requests|resources)$/

/**
 * Reads the text format of Prometheus (version 0.0.4) as promtool would, and refuses all that it complains of.
 *
 * @throws for the first line that breaks a rule
 */
export function parseMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) {
    throw new Error('The text does not end with the end of a line.')
  }

  const families = new Map<string, Family>()
  let current: (Family & { samples: Sample[] }) | undefined
  let help: [string, string] | undefined

  for (const line of text.split('\n').slice(0, -1)) {
    const [, helpName, helpText] = HELP.exec(line) ?? []
    const [, typeName, type] = TYPE.exec(line) ?? []

    if (helpName !== undefined && helpText !== undefined) {
      help = [helpName, helpText]
    } else if (typeName !== undefined && type !== undefined) {
      if (help?.[0] !== typeName || families.has(typeName)) {
        throw new Error(`${typeName} has no help, or comes twice.`)
      }

      current = { name: typeName, type, help: help[1], samples: [] }
      families.set(typeName, current)
    } else if (line !== '') {
      current = current ?? refuse(line)
      current.samples.push(readSample(line, current))
    }
  }

  for (const family of families.values()) {
    check(family)
  }

  return families
}

function readSample(line: string, { name: family, type }: Family): Sample {
  const [, name = '', labelText = '', number = ''] = SAMPLE.exec(line) ?? []
  const suffixes =
    type === 'histogram'
      ? ['_bucket', '_sum', '_count']
      : type === 'summary'
        ? ['', '_sum', '_count']
        : ['']

  if (name === '' || !NUMBER.test(number) || !suffixes.some(suffix => name === family + suffix)) {
    refuse(line)
  }

  const labels = [...labelText.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', value = '']): [string, string] => [label, value]
  )

  if (new Set(labels.map(([label]) => label)).size < labels.length) {
    refuse(line)
  }

  return {
    name,
    labels: Object.fromEntries(labels),
    value: Number(number.replace(/inf/i, 'Infinity'))
  }
}

function check({ name, type, samples }: Family): void {
  const keys = samples.map(sample => JSON.stringify([sample.name, sample.labels]))

  if (new Set(keys).size < keys.length) {
    throw new Error(`${name} has one sample twice.`)
  }

  if ((type === 'counter') !== name.endsWith('_total')) {
    throw new Error(`${name}: counters, and nothing else, end in _total.`)
  }

  if (name.startsWith('plexnet_') && !ENDS_IN_UNIT.test(name)) {
    throw new Error(`${name} does not end in its unit.`)
  }

  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) {
    throw new Error(`${name} counts backwards.`)
  }

  if (type === 'histogram') {
    checkHistogram(name, samples)
  }
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le'))
  )

  for (const group of groups.values()) {
    const buckets = group.filter(sample => sample.name === `${name}_bucket`)
    const count = group.find(sample => sample.name === `${name}_count`)?.value
    const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('+Inf', 'Infinity')))
    const isSorted = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0))
    const isRising = buckets.every(
      ({ value }, index) => index === 0 || value >= (buckets[index - 1]?.value ?? 0)
    )

    if (!isSorted || !isRising || bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== count) {
      throw new Error(`${name} is no histogram.`)
    }

    if (!group.some(sample => sample.name === `${name}_sum`)) {
      throw new Error(`${name} has no sum.`)
    }
  }
}

function refuse(line: string): never {
  throw new Error(`This is no line of a text of metrics: ${line}`)
}
