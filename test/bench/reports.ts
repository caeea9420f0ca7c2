import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { median } from './load.ts'
import { cpuTime } from './server/cpu.ts'
import { isInstalled } from './server/programs.ts'
import { load, writeScript } from './server/wrk.ts'
import type { Row } from './table.ts'
import { SMALL_NEW_SPACE } from '../../demo/node-process.ts'

const KINDS = ['nothing', 'figures', 'combined', 'json'] as const

const ROUNDS = 5
const DURATION = 1
const WARM_UP = 2
const CONNECTIONS = 32

/** What watching may cost, as a part of the same request unwatched. */
const TARGETS = { figures: 0.25, combined: 0.5, json: 0.8 }

const FIELDS = `wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
wrk.headers["Referer"] = "http://localhost:8010/docs/index.html"
`

interface Watched {
  readonly kind: (typeof KINDS)[number]
  readonly child: ChildProcess
  readonly url: string
}

/** CPU time that figures and the access log add to a request, in front of the parser and behind it. */
export async function measureReports(home: string): Promise<Row[]> {
  if (!(await isInstalled('wrk'))) {
    console.log('skip  what watching costs: wrk cannot be found')

    return []
  }

  const site = join(home, 'site')

  await mkdir(site, { recursive: true })
  await writeFile(join(site, 'small.html'), 'x'.repeat(1024))

  const plain = await writeScript(home, 'plain', FIELDS)
  const parsed = await writeScript(home, 'parsed', `${FIELDS}wrk.headers["Range"] = "bytes=x"\n`)
  const watched = await Promise.all(KINDS.map(async kind => start(kind, site, home)))

  try {
    return [
      ...(await measure('in front of the parser', watched, plain)),
      ...(await measure('behind the parser', watched, parsed))
    ]
  } finally {
    for (const { child } of watched) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

async function measure(where: string, watched: readonly Watched[], script: string): Promise<Row[]> {
  for (const one of watched) {
    await costOf(one, script, WARM_UP)
  }

  const rounds: number[][] = []

  for (let round = 0; round < ROUNDS; round += 1) {
    const costs: number[] = []

    for (const one of watched) {
      costs.push(await costOf(one, script, DURATION))
    }
    rounds.push(costs)
  }

  return watched.flatMap(({ kind }, index) => {
    if (kind === 'nothing') {
      return []
    }

    const bare = median(rounds.map(([cost = 0]) => cost))
    const added = median(rounds.map(([cost = 0, ...others]) => (others[index - 1] ?? 0) - cost))

    return [
      {
        what: `${kind}, a request of 1 KiB ${where}`,
        measured: `+${Math.round((added / bare) * 100)} % (${added.toFixed(1)} µs to ${bare.toFixed(1)} µs)`,
        target: `<= +${TARGETS[kind] * 100} %`,
        met: added / bare <= TARGETS[kind]
      }
    ]
  })
}

async function costOf({ child, url }: Watched, script: string, duration: number): Promise<number> {
  const pid = child.pid ?? 0
  const before = await cpuTime(pid)
  const { requests } = await load({ url, connections: CONNECTIONS, duration, script })

  return ((await cpuTime(pid)) - before) / requests
}

async function start(kind: Watched['kind'], site: string, home: string): Promise<Watched> {
  const program = fileURLToPath(new URL('reports-gateway.ts', import.meta.url))
  // The flag is that of bin/plexnet.js.
  const child = spawn(
    process.execPath,
    [SMALL_NEW_SPACE, program, site, kind, join(home, `${kind}.log`)],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { port } = JSON.parse(line) as { port: number }

  return { kind, child, url: `http://127.0.0.1:${port}/small.html` }
}
