import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { SMALL_NEW_SPACE, startNodeProcess } from '../../demo/node-process.ts'
import type { SeedCard } from '../../http-gateway/index.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const RUNS = 7
const PASSPHRASE = 'bench'

/** An idle node is looked at this long after it has joined, in ms. */
const IDLE_AFTER = 20_000

/** Start to first answer on local HTTP, from there to joined, and the memory of a node that does nothing. */
export async function measureStart(home: string): Promise<Row[]> {
  const seed = await startNodeProcess({ home: `${home}-seed`, passphrase: PASSPHRASE })

  try {
    const [seedUrl = ''] = (await seed.ask<SeedCard>('seed')).urls
    // The first start makes keys and fills the code cache.
    const first = await startNodeProcess({ home, passphrase: PASSPHRASE, seeds: [seedUrl] })

    await first.event('joined')
    await first.stop()

    const serving: number[] = []
    const joining: number[] = []

    for (let run = 0; run < RUNS; run += 1) {
      const times = await timeStart(home, seedUrl)

      serving.push(times.serving)
      joining.push(times.joined - times.serving)
    }

    const idle = await startNodeProcess({ home, passphrase: PASSPHRASE, seeds: [seedUrl] })

    await idle.event('joined')
    await delay(IDLE_AFTER)

    const rss = await residentMiB(idle.process.pid)

    await idle.stop()

    return [
      {
        what: 'from exec to the first answer on local HTTP',
        measured: `${median(serving).toFixed(0)} ms`,
        target: '<= 300 ms',
        met: median(serving) <= 300
      },
      {
        what: 'from there to joined through a seed',
        measured: `${median(joining).toFixed(0)} ms`,
        target: '<= 600 ms',
        met: median(joining) <= 600
      },
      {
        what: 'resident memory of an idle node',
        measured: `${rss.toFixed(0)} MiB`,
        target: '<= 120 MiB',
        met: rss <= 120
      }
    ]
  } finally {
    await seed.stop()
  }
}

async function timeStart(home: string, seed: string): Promise<{ serving: number; joined: number }> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [
      SMALL_NEW_SPACE,
      'bin/plexnet.js',
      'start',
      '--json',
      '--local-only',
      `--http-port=${port}`,
      '--https-port=0',
      '--p2p-port=0',
      `--seed=${seed}`
    ],
    {
      env: { ...process.env, PLEXNET_HOME: home, PLEXNET_PASSPHRASE: PASSPHRASE },
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  const joined = whenPrinted(child.stdout, '"event":"joined"')

  try {
    await untilAnswered(`http://127.0.0.1:${port}/`)

    const serving = performance.now() - started

    await joined

    return { serving, joined: performance.now() - started }
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

async function untilAnswered(url: string): Promise<void> {
  for (;;) {
    try {
      const { body } = await request(url)

      await body.dump()

      return
    } catch {
      await delay(2)
    }
  }
}

async function whenPrinted(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let printed = ''

  for await (const chunk of stream) {
    printed += String(chunk)
    if (printed.includes(text)) return
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')

  await once(server, 'listening')

  const address = server.address()

  server.close()
  await once(server, 'close')

  return typeof address === 'object' && address != null ? address.port : 0
}

async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')

  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
