export interface Row {
  readonly what: string
  readonly measured: string
  readonly target: string
  readonly met: boolean
}

export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(row => row.what.length))
  const middle = Math.max(...rows.map(row => row.measured.length))

  for (const { what, measured, target, met } of rows) {
    console.log(
      `${met ? 'met ' : 'MISS'}  ${what.padEnd(width)}  ${measured.padEnd(middle)}  ${target}`
    )
  }
}
