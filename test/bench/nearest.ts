import { randomBytes } from 'node:crypto'
import { readFromFar, startFarMirrors } from '../helpers/far-mirrors.ts'
import type { Row } from './table.ts'

/** In ms, as of a neighbour, of another country and of another continent. */
const ROUND_TRIPS = [5, 50, 150]

const FILM_BYTES = 32 << 20

/** What comes of the nearest before it falls silent. */
const BEFORE_SILENCE = 4 << 20

/** How much of a film the nearest of three mirrors sends, and the next one when that falls silent; all in this process, with lines that delay what goes over them. */
export async function measureNearest(): Promise<Row[]> {
  const ends: (() => void | Promise<void>)[] = []
  const t = { teardown: (act: () => void | Promise<void>) => void ends.push(act) }
  const films = { 'first.bin': randomBytes(FILM_BYTES), 'second.bin': randomBytes(FILM_BYTES) }

  try {
    const world = await startFarMirrors(t, films, ROUND_TRIPS)
    const first = await readFromFar(world, '/first.bin')

    world.paths[0]?.silenceAfter(BEFORE_SILENCE)

    const second = await readFromFar(world, '/second.bin')
    const isWhole = first.body.equals(films['first.bin']) && second.body.equals(films['second.bin'])
    const [share, next] = [shareOf(first.brought), shareOf(second.brought.slice(1))]

    return [
      {
        what: `mirrors at ${ROUND_TRIPS.join(', ')} ms: the nearest sends`,
        measured: percent(share),
        target: '90 %',
        met: isWhole && share >= 0.9
      },
      {
        what: 'the nearest falls silent: of what others send, the next one',
        measured: percent(next),
        target: '90 %',
        met: isWhole && next >= 0.9
      }
    ]
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

/** Of the first among all. */
function shareOf([first = 0, ...others]: readonly number[]): number {
  return first / others.reduce((sum, bytes) => sum + bytes, first)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
