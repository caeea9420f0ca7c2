/** When it pays to ask a node nearby before a far publisher. */
import { randomBytes } from 'node:crypto'
import type { Gateway } from '../../http-gateway/index.ts'
import { startFarPublisher } from '../helpers/far-publisher.ts'
import { ask } from '../http-gateway/client.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

/** Round trips in ms: another continent, and the same town. */
const LINES = { far: 150, near: 5 }

const FILM_BYTES = 8 << 20

const ROUNDS = 3

/** A question that finds nothing may cost so many ms: half of the way to the publisher, and what a busy machine adds. */
const MISS_COST = LINES.far / 2

/** Both ends in this process, with lines that delay what goes over them; medians of some rounds, each with a new reader. */
export async function measureSiblings(): Promise<Row[]> {
  const ends: (() => void | Promise<void>)[] = []
  const t = { teardown: (act: () => void | Promise<void>) => void ends.push(act) }
  const film = randomBytes(FILM_BYTES)
  const times = { alone: [] as number[], hit: [] as number[], miss: [] as number[] }

  try {
    const world = await startFarPublisher(t, { 'film.bin': film }, LINES)
    const read = async (gateway: Gateway): Promise<number> => {
      const begun = performance.now()
      const { body } = await ask(gateway.http[0], '/film.bin', { host: world.host })

      if (!body.equals(film)) throw new Error('The film did not arrive as it was published.')

      return performance.now() - begun
    }

    for (let round = 0; round < ROUNDS; round += 1) {
      times.alone.push(await read((await world.reader(false)).gateway))
      times.miss.push(await read((await world.reader(true)).gateway))
    }
    await read(world.sibling)

    let fromThere = 0

    for (let round = 0; round < ROUNDS; round += 1) {
      const { gateway, ledger } = await world.reader(true)

      times.hit.push(await read(gateway))
      fromThere += ledger.counts.bytes / FILM_BYTES / ROUNDS
    }

    return rowsOf(times, fromThere)
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

function rowsOf(
  times: { readonly alone: number[]; readonly hit: number[]; readonly miss: number[] },
  fromThere: number
): Row[] {
  const [alone, hit, miss] = [median(times.alone), median(times.hit), median(times.miss)]

  return [
    {
      what: `a film of 8 MiB, publisher at ${LINES.far} ms, a reader nearby that has it: time against asking nobody`,
      measured: `${(alone / hit).toFixed(1)} x as fast, ${Math.round(fromThere * 100)} % from there`,
      target: '1 x',
      met: hit < alone
    },
    {
      what: 'the same where it does not have it: what the question costs',
      measured: `${(miss - alone).toFixed(0)} ms of ${alone.toFixed(0)}`,
      target: `${MISS_COST} ms`,
      met: miss - alone <= MISS_COST
    }
  ]
}
