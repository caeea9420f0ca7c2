import { DAY, HOUR, MILLISECOND, MINUTE, SECOND } from './ticks.ts'

export type Unit = 'duration' | 'size' | 'rate' | 'share' | 'count' | 'number'

const DURATIONS: Readonly<Record<string, number>> = {
  us: 1,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY
}

const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40
}

/** In bytes a second; lines are sold in bits. */
const RATES: Readonly<Record<string, number>> = {
  'B/s': 1,
  'KB/s': 1e3,
  'MB/s': 1e6,
  'kbit/s': 125,
  'Mbit/s': 125_000,
  'Gbit/s': 125_000_000
}

const EXAMPLES: Readonly<Record<Unit, string>> = {
  duration: 'a duration such as 250ms, 10s, 5m, 1.5h or 2d',
  size: 'a size such as 512KiB or 1.5GB',
  rate: 'a rate such as 20Mbit/s or 2MB/s',
  share: 'a share such as 0.2 or 20%',
  count: 'a whole number such as 20 or 1000',
  number: 'a number such as 0.8'
}

/** A value as the simulator takes it (ticks, bytes, bytes a second, a plain number), or undefined where the text is no such thing. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const [, digits, suffix = ''] =
    /^(\d+(?:\.\d+)?(?:e\d+)?) ?([A-Za-z/%]*)$/.exec(text.trim()) ?? []

  if (digits == null) return undefined

  const value = Number(digits) * (factorOf(unit, suffix) ?? Number.NaN)

  if (!Number.isFinite(value) || (unit === 'count' && !Number.isInteger(value))) return undefined
  if (unit === 'share' && value > 1) return undefined

  return unit === 'duration' ? Math.round(value) : value
}

/** What may be typed for a unit. */
export function exampleOf(unit: Unit): string {
  return EXAMPLES[unit]
}

/** The value as a person would type it. */
export function formatQuantity(value: number, unit: Unit): string {
  if (unit === 'share') return `${Number((value * 100).toPrecision(6))}%`

  const table = tableOf(unit)

  if (table == null) return String(value)

  const fitting = Object.entries(table).toSorted(([, a], [, b]) => b - a)
  const [name, factor] =
    fitting.find(([, size]) => value >= size && Number.isInteger((value / size) * 1000)) ??
    fitting.at(-1)!

  return `${Number((value / factor).toPrecision(9))}${name}`
}

function factorOf(unit: Unit, suffix: string): number | undefined {
  const table = tableOf(unit)

  if (table != null) return table[suffix]
  if (suffix === '') return 1

  return unit === 'share' && suffix === '%' ? 0.01 : undefined
}

function tableOf(unit: Unit): Readonly<Record<string, number>> | undefined {
  if (unit === 'duration') return DURATIONS
  if (unit === 'size') return SIZES

  return unit === 'rate' ? RATES : undefined
}
