import type { Line } from '../summary.ts'

/** One line of a chart as CSV (RFC 4180), the mean over the seeds and its 95 % interval. */
export function lineCsv({ points }: Line): string {
  return csv([
    ['x', 'mean', 'low', 'high'],
    ...points.map(({ x, mean, low, high }) => [x, mean, low, high].map(String))
  ])
}

export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map(row => `${row.map(quoted).join(',')}\r\n`).join('')
}

/** A name as it may stand in a file name. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .map(part => part.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-|-$/g, ''))
    .join('.')
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
