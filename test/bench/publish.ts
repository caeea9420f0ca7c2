import { hash } from 'node:crypto'
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startNodeProcess } from '../../demo/node-process.ts'
import { SiteTree } from '../../overlay/content/publish/index.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const FOLDERS = 1000
const FILES_IN_FOLDER = 100
const MAX_FILE_BYTES = 4000
const RUNS = 3
const CHANGES = 15
const SIDE_BY_SIDE = 16
const HOUR = 3_600_000

interface Cost {
  readonly wall: number
  readonly cpu: number
}

/** One after the other, so that they meet the same load. */
interface Run {
  readonly plain: Cost
  readonly bare: Cost
  readonly publish: Cost
  readonly again: Cost
}

/** 100,000 small files against reading and hashing them, a restart, and how soon a changed file is public. */
export async function measurePublish(home: string): Promise<Row[]> {
  const site = join(home, 'site')

  await makeSite(site)

  const rows = [...(await measureMany(home, site)), ...(await measureChange(home))]

  await rm(home, { recursive: true, force: true })

  return rows
}

async function measureMany(home: string, site: string): Promise<Row[]> {
  const runs: Run[] = []

  // The first of each fills the cache of the file system.
  await cost(async () => readInTurn(site))

  for (let run = 0; run < RUNS; run += 1) {
    const storeFolder = join(home, `store-${run}`)

    runs.push({
      plain: await cost(async () => readSideBySide(site)),
      bare: await cost(async () => readInTurn(site)),
      publish: await cost(async () => lookOnce(site, storeFolder)),
      again: await cost(async () => lookOnce(site, storeFolder))
    })
  }

  const ratio = (of: (run: Run) => number): number => median(runs.map(of))
  const wall = ratio(({ publish, plain }) => publish.wall / plain.wall)
  const cpu = ratio(({ publish, plain }) => publish.cpu / plain.cpu)
  const bareWall = ratio(({ publish, bare }) => publish.wall / bare.wall)
  const bareCpu = ratio(({ publish, bare }) => publish.cpu / bare.cpu)
  const again = ratio(({ again: rescan, publish }) => rescan.wall / publish.wall)
  const seconds = ratio(({ publish }) => publish.wall / 1000)

  return [
    {
      what: `publishing ${FOLDERS * FILES_IN_FOLDER} files, against readFile and SHA-256 of them, ${SIDE_BY_SIDE} at a time`,
      measured: `${wall.toFixed(2)}× the time, ${cpu.toFixed(2)}× the CPU time (${seconds.toFixed(1)} s)`,
      target: '<= 1.5×',
      met: wall <= 1.5
    },
    {
      what: 'the same against synchronous calls in one thread that does nothing else',
      measured: `${bareWall.toFixed(2)}× the time, ${bareCpu.toFixed(2)}× the CPU time`,
      target: '<= 1.5×',
      met: bareWall <= 1.5
    },
    {
      what: 'a restart with the same files, against publishing them',
      measured: `${again.toFixed(2)}× the time`,
      target: '<= 0.5×',
      met: again <= 0.5
    }
  ]
}

/** From the write to the answer at /.well-known/plexnet/site, asked again and again. */
async function measureChange(home: string): Promise<Row[]> {
  const folder = join(home, 'small')

  await mkdir(folder)
  for (let file = 0; file < FILES_IN_FOLDER; file += 1) {
    await writeFile(join(folder, `${file}.html`), `page ${file}`)
  }

  const node = await startNodeProcess({ home: join(home, 'node'), passphrase: 'bench' })

  try {
    const url = `${node.ready.http[0] ?? ''}/.well-known/plexnet/site`

    await node.ask('publish', folder)
    await untilTagChanges(url, undefined)

    const times: number[] = []

    for (let change = 0; change < CHANGES; change += 1) {
      const before = await tagOf(url)
      const started = performance.now()

      await writeFile(join(folder, `${change}.html`), `changed ${change}`)
      await untilTagChanges(url, before)
      times.push(performance.now() - started)
    }

    return [
      {
        what: 'a changed file until its new record is served',
        measured: `${median(times).toFixed(0)} ms, at most ${Math.max(...times).toFixed(0)} ms`,
        target: '<= 500 ms',
        met: median(times) <= 500
      }
    ]
  } finally {
    await node.stop()
  }
}

async function makeSite(site: string): Promise<void> {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const path = join(site, `folder-${folder}`)

    await mkdir(path, { recursive: true })
    await Promise.all(
      Array.from({ length: FILES_IN_FOLDER }, async (_, file) => {
        const number = folder * FILES_IN_FOLDER + file
        const size = 500 + ((number * 7919) % (MAX_FILE_BYTES - 500))

        await writeFile(join(path, `page-${file}.html`), Buffer.alloc(size, `${number} `))
      })
    )
  }
}

/** As a program in Node does it that was written without further thought. */
async function readSideBySide(site: string): Promise<void> {
  for (const folder of await readdir(site)) {
    const files = (await readdir(join(site, folder))).values()

    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, async () => {
        for (const file of files) hash('sha256', await readFile(join(site, folder, file)))
      })
    )
  }
}

/** The least that reading can cost: nothing else happens meanwhile. */
function readInTurn(site: string): void {
  const buffer = Buffer.allocUnsafe(MAX_FILE_BYTES + 1)

  for (const folder of readdirSync(site)) {
    for (const name of readdirSync(join(site, folder))) {
      const path = join(site, folder, name)

      lstatSync(path)

      const file = openSync(path, 'r')

      fstatSync(file)
      hash('sha256', buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0)))
      fstatSync(file)
      closeSync(file)
    }
  }
}

async function lookOnce(root: string, storeFolder: string): Promise<void> {
  const tree = new SiteTree({
    root,
    storeFolder,
    rescanInterval: HOUR,
    followLinks: true,
    onChange: () => undefined,
    onWarning: message => console.log(message)
  })

  await tree.start()
  await tree.whenInStep()
  await tree.stop()
}

async function cost(act: () => unknown): Promise<Cost> {
  const started = performance.now()
  const before = process.cpuUsage()

  await act()

  const { user, system } = process.cpuUsage(before)

  return { wall: performance.now() - started, cpu: (user + system) / 1000 }
}

async function untilTagChanges(url: string, before: string | undefined): Promise<void> {
  for (;;) {
    const tag = await tagOf(url)

    if (tag != null && tag !== before) return
    await nextTurn()
  }
}

async function tagOf(url: string): Promise<string | undefined> {
  const response = await fetch(url)

  await response.arrayBuffer()

  return response.headers.get('etag') ?? undefined
}
