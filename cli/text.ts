import type { SiteUrls } from '../http-gateway/control/index.ts'

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** Two columns, the first as wide as its longest word. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length))

  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`.trimEnd()).join('\n')
}

/** '2026-11-21 05:37 UTC'. */
export function describeTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Where a published site is to be opened, nearest first. */
export function sitePlaces({ local, uuid, public: outside }: SiteUrls): [string, string][] {
  return [
    ['Local', local],
    ['Anywhere', uuid],
    ...outside.map((url): [string, string] => ['Public', url])
  ]
}

/** '14 bytes', '2.3 MiB'. */
export function describeBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power

  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power]}`
}

/** '40 s', '3 min', '2.5 h'. */
export function describeSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`

  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
