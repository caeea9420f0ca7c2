/** A matrix file that is not one. */
export class MatrixError extends Error {
  override readonly name = 'MatrixError'
  readonly code = 'PLEXNET_SIMULATION_MATRIX'
}

/** At most so many hosts: a matrix of them takes 32 MiB. */
const MAX_HOSTS = 2048

/**
 * Reads a square matrix of round trips in ms, a line a host, numbers set apart by blanks; pairs that were not measured (0 or less)
 * take the other direction's figure, or else the mean.
 *
 * @throws MatrixError
 */
export function parseMatrix(text: string): Float64Array[] {
  const rows = text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map((line, index) => parseRow(line, index + 1))

  if (rows.length < 2 || rows.length > MAX_HOSTS) {
    throw new MatrixError(`a matrix of round trips has 2 to ${MAX_HOSTS} lines, not ${rows.length}`)
  }
  rows.forEach((row, index) => {
    if (row.length !== rows.length) {
      throw new MatrixError(
        `line ${index + 1} of the matrix has ${row.length} numbers, and there are ${rows.length} lines`
      )
    }
  })

  return completed(rows)
}

function parseRow(line: string, number: number): Float64Array {
  const values = line.trim().split(/\s+/).map(Number)

  if (!values.every(value => Number.isFinite(value))) {
    throw new MatrixError(`line ${number} of the matrix holds something that is not a number`)
  }

  return Float64Array.from(values)
}

function completed(rows: readonly Float64Array[]): Float64Array[] {
  const mean = meanOf(rows)

  return rows.map((row, from) =>
    row.map((value, to) => {
      if (from === to) return 0

      const back = rows[to]![from]!

      return value > 0 ? value : back > 0 ? back : mean
    })
  )
}

/** The mean of the measured pairs. */
export function meanOf(rows: readonly Float64Array[]): number {
  let sum = 0
  let count = 0

  rows.forEach((row, from) => {
    row.forEach((value, to) => {
      if (value > 0 && from !== to) {
        sum += value
        count += 1
      }
    })
  })

  return count === 0 ? 0 : sum / count
}
