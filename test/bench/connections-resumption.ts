import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { startBenchProcess } from './connections.ts'
import type { Serving, Usage } from './connections-server.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const ROUNDS = 5
const CONNECTIONS = 200

const REQUEST = 'GET /small.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** What a client that comes again costs, against one that is new. */
export async function measureResumption(site: string): Promise<Row[]> {
  const server = startBenchProcess('connections-server.ts', [site])

  try {
    const [serving]: unknown[] = await once(server, 'message')
    const { https } = serving as Serving
    const { session } = await visit(https, undefined)
    const full: number[] = []
    const resumed: number[] = []
    let reused = 0

    for (let round = 0; round < ROUNDS; round += 1) {
      full.push(await costOf(server, async () => visit(https, undefined)))
      resumed.push(
        await costOf(server, async () => {
          if ((await visit(https, session)).isReused) reused += 1
        })
      )
    }

    const ratio = median(resumed) / median(full)

    return [
      {
        what: 'https: CPU time of the server for a resumed connection, against a full handshake',
        measured: `${ratio.toFixed(2)} x (${median(resumed).toFixed(0)} and ${median(full).toFixed(0)} µs), ${reused} of ${ROUNDS * CONNECTIONS} resumed`,
        target: '< 1 x, all',
        met: ratio < 1 && reused === ROUNDS * CONNECTIONS
      }
    ]
  } finally {
    server.kill()
  }
}

/** µs a connection, its request included. */
async function costOf(server: ChildProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await cpuOf(server)

  for (let index = 0; index < CONNECTIONS; index += 1) await work()

  return ((await cpuOf(server)) - before) / CONNECTIONS
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send('cpu')

  const [usage]: unknown[] = await once(server, 'message')

  return (usage as Usage).cpu
}

async function visit(
  port: number,
  session: Buffer | undefined
): Promise<{ session: Buffer | undefined; isReused: boolean }> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...(session == null ? {} : { session })
  })
  let ticket: Buffer | undefined

  socket.on('session', given => {
    ticket = given
  })
  let isReused = false

  socket.once('secureConnect', () => {
    isReused = socket.isSessionReused()
  })
  socket.end(REQUEST)
  socket.resume()
  await once(socket, 'close')

  return { session: ticket, isReused }
}
