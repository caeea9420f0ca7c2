import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from './load.ts'
import { cpuTime } from './server/cpu.ts'
import {
  isInstalled,
  startCaddy,
  startGateway,
  startNginx,
  type Places,
  type Program
} from './server/programs.ts'
import { load, writeScript } from './server/wrk.ts'
import type { Row } from './table.ts'

interface Case {
  readonly what: string
  readonly scheme: 'http' | 'https'
  readonly path: string
  readonly connections: number
  readonly script: string
  /** Of a file so large that few are sent: then bytes are counted. */
  readonly size?: number
  /** s */
  readonly warmUp?: number
  /** Times nginx's CPU. */
  readonly target: number
}

/** Each server is measured once in a round, so that a machine that slows down slows all. */
const ROUNDS = 5

/** Of a measurement, in s; CPU time is counted in hundredths of one. */
const DURATION = 1
const DURATION_OF_LARGE = 3
const MAX_DURATION = 12

/** Of one before them, which brings files to memory and code to the optimizer. */
const WARM_UP = 2
/** Few are answered in a second, and the way there is long. */
const WARM_UP_OF_COLD = 8

const CONNECTIONS = 32

const LARGE_SIZE = 100 << 20

/** More small files than fit in the memory for hot ones, so that none of them is there when it is asked for again. */
const COLD_FILES = 16_000
const COLD_SIZE = 4096
const COLD_FOLDERS = 16

/** CPU time of the server for a request, against nginx with one worker and caddy on the same files. */
export async function measureServer(home: string): Promise<Row[]> {
  const missing = await missingPrograms(['wrk', 'nginx'])

  if (missing.length > 0) {
    console.log(`skip  the server against others: ${missing.join(' and ')} cannot be found`)

    return []
  }

  const places = { home, site: join(home, 'site') }
  const cases = await prepare(places)
  const programs = [await startGateway(places), await startNginx(places)]

  try {
    if ((await missingPrograms(['caddy'])).length > 0) {
      console.log('skip  caddy, which cannot be found')
    } else {
      programs.push(await startCaddy(places))
    }

    const rows: Row[] = []

    for (const one of cases) {
      rows.push(await measureCase(one, programs))
    }

    return rows
  } finally {
    await Promise.all(programs.map(async program => program.stop()))
  }
}

async function missingPrograms(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(isInstalled))

  return names.filter((_, index) => found[index] === false)
}

async function measureCase(one: Case, programs: readonly Program[]): Promise<Row> {
  for (const program of programs) {
    await measureOnce(one, program, one.warmUp ?? WARM_UP)
  }

  const rounds: number[][] = []

  for (let round = 0; round < ROUNDS; round += 1) {
    const figures: number[] = []

    for (const program of programs) {
      figures.push(
        await measureOnce(one, program, one.size === undefined ? DURATION : DURATION_OF_LARGE)
      )
    }
    rounds.push(figures)
  }

  const ratio = median(rounds.map(([ours = Number.NaN, nginx = Number.NaN]) => ours / nginx))
  const each = programs.map(
    ({ name }, index) =>
      `${name} ${median(rounds.map(figures => figures[index] ?? Number.NaN)).toFixed(1)}`
  )

  return {
    what: `CPU for ${one.what}`,
    measured: `${ratio.toFixed(2)} x (µs: ${each.join(', ')})`,
    target: `<= ${one.target.toFixed(1)} x nginx`,
    met: ratio <= one.target
  }
}

/** µs a request, or a file */
async function measureOnce(one: Case, program: Program, duration: number): Promise<number> {
  const { scheme, path, connections, script, size } = one
  const url = program.origins[scheme] + path
  const before = await cpuTime(program.pid)
  const { requests, bytes } = await load({ url, connections, duration, script })

  if (bytes === 0) {
    if (duration >= MAX_DURATION) throw new Error(`${url} is not answered.`)

    // On a machine that is busy, the handshakes alone can take that long.
    return measureOnce(one, program, 2 * duration)
  }

  return ((await cpuTime(program.pid)) - before) / (size === undefined ? requests : bytes / size)
}

async function prepare({ site, home }: Places): Promise<Case[]> {
  await mkdir(site, { recursive: true })
  await writeFile(join(site, 'small.html'), 'x'.repeat(1024))
  await writeFile(join(site, 'medium.html'), 'x'.repeat(64 << 10))
  await writeFile(join(site, 'large.bin'), Buffer.alloc(LARGE_SIZE, 'plexnet'))
  await writeColdFiles(site)

  const one = { scheme: 'http', script: await writeScript(home, 'one') } as const
  const small = { ...one, path: '/small.html', connections: CONNECTIONS }
  const medium = { ...one, path: '/medium.html', connections: CONNECTIONS }
  const large = { ...one, path: '/large.bin', connections: 2, size: LARGE_SIZE }
  const cold = await writeScript(
    home,
    'cold',
    `local turn = 0
request = function()
  turn = (turn + 1) % ${COLD_FILES}
  return wrk.format("GET", "/cold/" .. turn % ${COLD_FOLDERS} .. "/" .. turn .. ".html")
end
`
  )

  return [
    { ...small, what: '1 KiB', target: 1.1 },
    { ...medium, what: '64 KiB', target: 1.3 },
    { ...medium, what: '64 KiB over TLS', scheme: 'https', target: 1 },
    { ...large, what: '100 MiB', target: 3 },
    { ...large, what: '100 MiB over TLS', scheme: 'https', target: 0.7 },
    {
      ...small,
      what: 'a cold file of 4 KiB',
      path: '/',
      script: cold,
      warmUp: WARM_UP_OF_COLD,
      target: 4
    }
  ]
}

async function writeColdFiles(site: string): Promise<void> {
  for (let folder = 0; folder < COLD_FOLDERS; folder += 1) {
    await mkdir(join(site, 'cold', String(folder)), { recursive: true })
  }

  for (let index = 0; index < COLD_FILES; index += 1) {
    await writeFile(
      join(site, 'cold', String(index % COLD_FOLDERS), `${index}.html`),
      'x'.repeat(COLD_SIZE)
    )
  }
}
