import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Order, Report } from './connections-client.ts'
import { startNginx } from './connections-nginx.ts'
import type { Serving, Usage } from './connections-server.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'
import { SMALL_NEW_SPACE } from '../../demo/node-process.ts'

const IN_FLIGHT = 256
const ROUNDS = 5
const DURATION = 1500

/** Few, since what they leave behind is taken up by the others before they cost anything. */
const WARM_UP = { inFlight: 32, duration: 1000 }

const TARGETS = { http: 12, https: 70 } as const

type Scheme = keyof typeof TARGETS

/** Many persistent connections to one process: what each costs, and how soon it answers, against nginx with as many. */
export async function measureConnections(
  home: string,
  site: string,
  count: number
): Promise<Row[]> {
  const rows: Row[] = []

  for (const scheme of ['http', 'https'] as const) {
    // A new process for each, since memory that was used before is there to be used again.
    const server = startBenchProcess('connections-server.ts', [site])

    try {
      const [serving]: unknown[] = await once(server, 'message')

      rows.push(...(await measureScheme(home, site, scheme, count, server, serving as Serving)))
    } finally {
      server.kill()
    }
  }

  return rows
}

async function measureScheme(
  home: string,
  site: string,
  scheme: Scheme,
  count: number,
  server: ChildProcess,
  serving: Serving
): Promise<Row[]> {
  const nginx = await startNginx(join(home, `nginx-${scheme}`), site, serving)
  const clients = {
    ours: startBenchProcess('connections-client.ts'),
    theirs: startBenchProcess('connections-client.ts')
  }
  const tls = scheme === 'https'

  try {
    await warmUp(serving[scheme], tls)

    const before = await ask<Usage>(server, 'memory')

    await tell(clients.ours, { do: 'open', port: serving[scheme], tls, count })

    const idle = await ask<Usage>(server, 'memory')
    const asked = await tell(clients.ours, { do: 'ask' })
    const used = await ask<Usage>(server, 'memory')

    await tell(clients.theirs, { do: 'open', port: nginx[scheme], tls, count })
    await tell(clients.theirs, { do: 'ask' })

    const rounds = await inTurn(clients)
    const { dropped } = await tell(clients.ours, { do: 'ask' })
    const each = (usage: Usage): number => (usage.rss - before.rss) / count / 1024
    const ratio = median(rounds.map(([ours, theirs]) => ours.p99 / theirs.p99))
    const [ours, theirs] = [0, 1].map(side => median(rounds.map(round => round[side]?.p99 ?? 0)))

    return [
      {
        what: `${scheme}: ${count} connections, answered and kept`,
        measured: `${asked.answered} answered, ${dropped} dropped`,
        target: 'all, none',
        met: asked.answered === count && dropped === 0
      },
      {
        what: `${scheme}: memory of an idle connection`,
        measured: `${each(idle).toFixed(1)} KiB (after a request ${each(used).toFixed(1)})`,
        target: `<= ${TARGETS[scheme]} KiB`,
        met: each(idle) <= TARGETS[scheme]
      },
      {
        what: `${scheme}: p99 with ${IN_FLIGHT} in flight, against nginx`,
        measured: `${ratio.toFixed(2)} x (${ours?.toFixed(1)} and ${theirs?.toFixed(1)} ms)`,
        target: '<= 3 x',
        met: ratio <= 3
      }
    ]
  } finally {
    clients.ours.kill()
    clients.theirs.kill()
    nginx.process.kill()
  }
}

/** Both sides in turn, so that a machine that slows down slows both. */
async function inTurn({
  ours,
  theirs
}: Record<'ours' | 'theirs', ChildProcess>): Promise<(readonly [Report, Report])[]> {
  const rounds: (readonly [Report, Report])[] = []
  const load = { do: 'load', inFlight: IN_FLIGHT, duration: DURATION } as const

  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push([await tell(ours, load), await tell(theirs, load)])
  }

  return rounds
}

/** What is compiled and kept for good is no part of a connection. */
async function warmUp(port: number, tls: boolean): Promise<void> {
  const client = startBenchProcess('connections-client.ts')

  await tell(client, { do: 'open', port, tls, count: WARM_UP.inFlight })
  await tell(client, { do: 'load', ...WARM_UP })
  client.kill()
  await once(client, 'exit')
}

/** Can be told to collect its garbage. */
export function startBenchProcess(file: string, args: string[] = []): ChildProcess {
  return fork(join(import.meta.dirname, file), args, {
    execArgv: ['--expose-gc', SMALL_NEW_SPACE]
  })
}

export async function tell(client: ChildProcess, order: Order): Promise<Report> {
  return ask<Report>(client, order)
}

async function ask<T>(process: ChildProcess, message: Order | 'memory' | 'cpu'): Promise<T> {
  process.send(message)

  const [answer]: unknown[] = await once(process, 'message')

  return answer as T
}
