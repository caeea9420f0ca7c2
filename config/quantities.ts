/** What one of each written unit is worth: milliseconds, bytes, or bytes a second. */
export const UNITS = {
  milliseconds: {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000
  },
  bytes: {
    B: 1,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40
  },
  // Networks are sold in bits and files are counted in bytes: a unit that leaves it open, such as Mb, is none.
  rate: {
    bit: 1 / 8,
    kbit: 125,
    Mbit: 125e3,
    Gbit: 125e6,
    B: 1,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30
  }
} as const

export type Unit = keyof typeof UNITS

/** '4h', '250ms', '1.5 MiB', '10Mbit', '10Mbit/s' or a bare number in the base unit; undefined where it is none of them. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const [, digits, suffix, per] = /^(\d+(?:\.\d+)?) *([a-z]*)(\/s)?$/i.exec(text.trim()) ?? []

  if (digits == null || suffix == null || (per != null && unit !== 'rate')) {
    return undefined
  }
  const factors: Record<string, number> = UNITS[unit]
  const factor = suffix === '' ? 1 : factors[suffix]

  return factor == null ? undefined : Math.round(Number(digits) * factor)
}

/** The shortest exact way to write it: 14400000 is '4h', 1536 is '1536B'. */
export function formatQuantity(value: number, unit: Unit): string {
  const [suffix, factor] = Object.entries(UNITS[unit])
    .filter(([, worth]) => value > 0 && value % worth === 0)
    .reduce<[string, number]>(
      (best, entry) => (entry[1] > best[1] ? entry : best),
      [unit === 'milliseconds' ? 'ms' : 'B', 1]
    )

  return `${value / factor}${suffix}${unit === 'rate' ? '/s' : ''}`
}
