import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { startBenchProcess } from './connections.ts'
import type { Serving } from './connections-server.ts'
import { median } from './load.ts'
import { load, writeScript } from './server/wrk.ts'
import type { Row } from './table.ts'

const ROUNDS = 3
const CONNECTIONS = 64
const DURATION = 2

const TOKEN = 'known-to-this-bench-alone'
const CLOSE = `wrk.headers['Connection'] = 'close'\n`

interface Kind {
  readonly what: string
  readonly port: 'http' | 'https'
  readonly path: string
  readonly script: string
  /** At least so many times the requests of one process. */
  readonly target: number
}

/** What a second worker brings on this machine, where the client needs its part of the cores, too. */
export async function measureWorkers(home: string, site: string): Promise<Row[]> {
  await mkdir(home, { recursive: true })

  const servers = [1, 2].map(count => ({
    count,
    process: startBenchProcess('connections-server.ts', [site, TOKEN, String(count)])
  }))
  const kinds: Kind[] = [
    {
      what: 'requests of 1 KiB on persistent connections',
      port: 'http',
      path: '/small.html',
      script: await writeScript(home, 'persistent'),
      // The client has a core of its own as long as one process serves.
      target: 0.8
    },
    {
      what: 'requests of 1 KiB, each with a TLS handshake',
      port: 'https',
      path: '/small.html',
      script: await writeScript(home, 'handshakes', CLOSE),
      target: 1.2
    },
    {
      what: 'requests that a worker hands on to the main process',
      port: 'http',
      path: '/.well-known/plexnet/certificate',
      script: await writeScript(home, 'relayed'),
      // Once more through HTTP, in two processes.
      target: 0.15
    }
  ]

  try {
    const ports = await Promise.all(servers.map(async ({ process }) => portsOf(process)))
    const rows: Row[] = []

    for (const { what, port, path, script, target } of kinds) {
      const rounds: number[][] = []

      for (let round = 0; round < ROUNDS; round += 1) {
        const figures: number[] = []

        for (const serving of ports) {
          const { requests } = await load({
            url: `${port}://127.0.0.1:${serving[port]}${path}`,
            connections: CONNECTIONS,
            duration: DURATION,
            script
          })

          figures.push(requests / DURATION)
        }

        rounds.push(figures)
      }

      const [one, two] = [0, 1].map(side => median(rounds.map(round => round[side] ?? 0)))
      const ratio = median(rounds.map(([alone = 0, shared = 0]) => shared / alone))

      rows.push({
        what: `${what}, two workers against one process`,
        measured: `${ratio.toFixed(2)} x (${two?.toFixed(0)} and ${one?.toFixed(0)} /s, ${availableParallelism()} cores with the client)`,
        target: `>= ${target} x`,
        met: ratio >= target
      })
    }

    return rows
  } finally {
    for (const { process } of servers) process.kill()
  }
}

async function portsOf(server: ChildProcess): Promise<Serving> {
  const [serving]: unknown[] = await once(server, 'message')

  return serving as Serving
}
