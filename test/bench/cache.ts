import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { startCachingNginx } from './cache-nginx.ts'
import { median } from './load.ts'
import { cpuTime } from './server/cpu.ts'
import { isInstalled } from './server/programs.ts'
import { load, writeScript } from './server/wrk.ts'
import type { Row } from './table.ts'
import { SMALL_NEW_SPACE } from '../../demo/node-process.ts'

interface Cache {
  readonly name: string
  readonly pid: number
  readonly origin: string
}

/** Each cache is measured once in a round, so that a machine that slows down slows both. */
const ROUNDS = 5

/** Of a measurement, and of one before them that brings code to the optimizer, in s. */
const DURATION = 1
const WARM_UP = 2

const CONNECTIONS = 32

/** µs of CPU time for a stored answer of 1 KiB. */
const TARGET = 25

const SOURCE = `wrk.headers["Accept-Encoding"] = "gzip, br"
wrk.headers["Accept-Language"] = "en"
`

/** CPU time of the server for an answer out of its cache, beside nginx's. */
export async function measureCache(home: string): Promise<Row[]> {
  if (!(await isInstalled('wrk')) || !(await isInstalled('nginx'))) {
    console.log('skip  the cache: wrk or nginx cannot be found')

    return []
  }

  await mkdir(home, { recursive: true })

  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/html',
      'Cache-Control': 'max-age=3600',
      ETag: '"bench"',
      Vary: 'Accept-Encoding',
      'Content-Length': '1024'
    })
    response.end('x'.repeat(1024))
  })
  const origin = `http://127.0.0.1:${await portOf(server)}`
  const spare = createServer()
  const nginxPort = await portOf(spare)

  spare.close()
  await once(spare, 'close')

  const gateway = spawn(
    process.execPath,
    // The flag is that of bin/plexnet.js.
    [SMALL_NEW_SPACE, join(import.meta.dirname, 'cache-gateway.ts'), origin],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [port] = (await once(createInterface({ input: gateway.stdout }), 'line')) as [string]
  const nginx = await startCachingNginx(home, nginxPort, origin)
  const caches = [
    { name: 'ours', pid: gateway.pid ?? 0, origin: `http://127.0.0.1:${port}` },
    { name: 'nginx', pid: nginx.pid ?? 0, origin: `http://127.0.0.1:${nginxPort}` }
  ]

  try {
    await untilAnswered(nginx, caches[1]?.origin ?? '')

    return await measureHits(caches, await writeScript(home, 'hit', SOURCE))
  } finally {
    await Promise.all([stop(gateway), stop(nginx)])
    server.closeAllConnections()
    server.close()
  }
}

async function measureHits(caches: readonly Cache[], script: string): Promise<Row[]> {
  const rounds: number[][] = []

  for (const cache of caches) {
    await costOfHit(cache, script, WARM_UP)
  }

  for (let round = 0; round < ROUNDS; round += 1) {
    const figures: number[] = []

    for (const cache of caches) {
      figures.push(await costOfHit(cache, script, DURATION))
    }

    rounds.push(figures)
  }

  const [ours = Number.NaN, nginx = Number.NaN] = caches.map((_, index) =>
    median(rounds.map(figures => figures[index] ?? Number.NaN))
  )

  return [
    {
      what: 'CPU for a stored answer of 1 KiB',
      measured: `${ours.toFixed(1)} µs (nginx with proxy_cache: ${nginx.toFixed(1)} µs)`,
      target: `<= ${TARGET} µs`,
      met: ours <= TARGET
    }
  ]
}

async function costOfHit(
  { pid, origin }: Cache,
  script: string,
  duration: number
): Promise<number> {
  const before = await cpuTime(pid)
  const { requests } = await load({
    url: `${origin}/page.html`,
    connections: CONNECTIONS,
    duration,
    script
  })

  return ((await cpuTime(pid)) - before) / requests
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const address = server.address()

  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function untilAnswered(child: ChildProcess, origin: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx did not start.')

    try {
      const { body } = await request(origin)

      await body.dump()

      return
    } catch {
      // It does not listen yet.
    }
    await delay(10)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}
