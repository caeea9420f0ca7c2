/** `node simulations/network/fit-space/run.ts MATRIX`: prints the space that fits a matrix of round trips, as it stands in fitted-space.ts. */
import { readFile } from 'node:fs/promises'
import { parseMatrix } from '../matrix.ts'
import { drawnRoundTrips, fitSpace } from './fit.ts'

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]

const [file = ''] = process.argv.slice(2)
const matrix = parseMatrix(await readFile(file, 'utf8'))
const space = fitSpace(matrix)
const measured = Float64Array.from(
  matrix.flatMap((row, from) => [...row].filter((_, to) => to > from))
).toSorted()

process.stdout.write(`${JSON.stringify(space, rounded, 2)}\n`)
process.stderr.write(
  `measured ${quantiles(measured)}\ndrawn    ${quantiles(drawnRoundTrips(space))}\n`
)

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}

function quantiles(ascending: Float64Array): string {
  return QUANTILES.map(share => ascending[Math.floor(share * ascending.length)]?.toFixed(1)).join(
    ' '
  )
}
