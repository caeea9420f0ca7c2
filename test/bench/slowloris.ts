import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startBenchProcess, tell } from './connections.ts'
import type { Serving, Usage } from './connections-server.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const TOKEN = 'known-to-this-bench-alone'
const ROUNDS = 7
const LOAD = { do: 'load', inFlight: 1, duration: 500 } as const

interface Ordinary {
  /** ms */
  readonly p50: number
  /** µs of the server's time for a request. */
  readonly cpu: number
}

/** What slow clients do to ordinary requests, and what each of them costs. */
export async function measureSlowloris(site: string, count: number): Promise<Row[]> {
  const server = startBenchProcess('connections-server.ts', [site, TOKEN])
  const client = startBenchProcess('connections-client.ts')

  try {
    const [serving]: unknown[] = await once(server, 'message')
    const { http, https } = serving as Serving

    await tell(client, { do: 'open', port: http, tls: false, count: LOAD.inFlight })
    await tell(client, LOAD)

    const rounds: Record<'without' | 'beside', Ordinary>[] = []
    const memory: number[] = []

    for (let round = 0; round < ROUNDS; round += 1) {
      // Being asked settles it, too.
      const before = await usageOf(server, 'memory')
      const without = await ordinary(client, server)
      const slow = await startSlow(http, https, count)
      const { rss } = await usageOf(server, 'memory')

      memory.push((rss - before.rss) / count / 1024)
      rounds.push({ without, beside: await ordinary(client, server) })
      slow.kill()
      await once(slow, 'exit')
    }

    const { dropped } = await tell(client, { do: 'ask' })
    const times = compare(rounds, 'p50')
    const costs = compare(rounds, 'cpu')

    return [
      {
        what: `p50 of requests beside ${count} slow clients, against none`,
        measured: `${times.ratio.toFixed(2)} x (${times.both} ms), ${dropped} dropped`,
        target: '<= 1.1 x',
        met: times.ratio <= 1.1 && dropped === 0
      },
      {
        what: 'CPU time of the server for a request, likewise',
        measured: `${costs.ratio.toFixed(2)} x (${costs.both} µs)`,
        target: '<= 1.1 x',
        met: costs.ratio <= 1.1
      },
      {
        what: 'memory of a slow client, those included that a file is read for',
        measured: `${Math.max(...memory).toFixed(0)} KiB at most, ${median(memory).toFixed(0)} in the median`,
        target: '<= 512 KiB',
        met: Math.max(...memory) <= 512
      }
    ]
  } finally {
    client.kill()
    server.kill()
  }
}

/** Requests of a client that is not slow. */
async function ordinary(client: ChildProcess, server: ChildProcess): Promise<Ordinary> {
  const before = await usageOf(server, 'cpu')
  const { p50, answered } = await tell(client, LOAD)
  const after = await usageOf(server, 'cpu')

  return { p50, cpu: (after.cpu - before.cpu) / answered }
}

function compare(
  rounds: readonly Record<'without' | 'beside', Ordinary>[],
  figure: keyof Ordinary
): { ratio: number; both: string } {
  const beside = rounds.map(round => round.beside[figure])
  const without = rounds.map(round => round.without[figure])

  return {
    ratio: median(beside) / median(without),
    both: [beside, without].map(values => median(values).toPrecision(3)).join(' and ')
  }
}

async function usageOf(server: ChildProcess, question: 'memory' | 'cpu'): Promise<Usage> {
  server.send(question)

  const [usage]: unknown[] = await once(server, 'message')

  return usage as Usage
}

async function startSlow(http: number, https: number, count: number): Promise<ChildProcess> {
  const slow = fork(join(import.meta.dirname, 'slowloris-client.ts'), [
    TOKEN,
    ...[http, https, count].map(String)
  ])

  await once(slow, 'message')

  return slow
}
