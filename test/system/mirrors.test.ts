/** A site that survives its publisher: mirrored, found and read by real processes. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { untilMirror } from '../helpers/mirrors-of.ts'
import test, { type ExecutionContext } from 'ava'
import type { MirrorJson, PublishedSite, SeedCard, SourceChoice } from '../../http-gateway/index.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { temporaryFolder } from '../helpers/testnet.ts'
import { ask, type Answer } from '../http-gateway/client.ts'

const FILES: Readonly<Record<string, Buffer>> = {
  'index.html': Buffer.from('<h1>still here</h1>'),
  'big.bin': randomBytes(3_000_000),
  'docs/a b & ü.txt': Buffer.from('a name that needs encoding'),
  'docs/deep/er/two.bin': randomBytes(300_000),
  empty: Buffer.alloc(0)
}

interface Network {
  readonly seed: TestProcess
  readonly publisher: TestProcess
  readonly mirror: TestProcess
  readonly folder: string
}

async function start(t: ExecutionContext): Promise<Network> {
  t.timeout(180_000)

  const seed = await startTestProcess(t)
  const seeds = await seedsOf(seed)
  const folder = await siteFolder(t)
  const [publisher, mirror] = await Promise.all([
    joinTestProcess(t, { seeds }),
    joinTestProcess(t, { seeds })
  ])

  await publisher.ask<PublishedSite>('publish', folder)
  await publisher.event('announced', ({ stored }) => stored > 0)

  return { seed, publisher, mirror, folder }
}

async function seedsOf(node: TestProcess): Promise<readonly string[]> {
  return (await node.ask<SeedCard>('seed')).urls.slice(0, 1)
}

async function siteFolder(t: ExecutionContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'site')

  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }

  return folder
}

async function readAll(t: ExecutionContext, reader: TestProcess, host: string): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    const { status, headers, body } = await read(reader, host, name)

    t.is(status, 200, `${name}: ${body.subarray(0, 300).toString()}`)
    t.true(body.equals(content), name)
    t.regex(String(headers['plexnet-verified']), /^\?1;/)
  }
}

async function read(reader: TestProcess, host: string, name: string): Promise<Answer> {
  return ask(reader.gateway, `/${name.split('/').map(encodeURIComponent).join('/')}`, { host })
}

test.serial(
  'a site is read by its address when its publisher and the seed are dead, by a node that never saw it (C2)',
  async t => {
    const { seed, publisher, mirror } = await start(t)
    const copied = await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    t.is(copied.state, 'current', copied.failure)
    t.is(copied.completeness, 1)
    t.is(copied.files, Object.keys(FILES).length)
    t.true(copied.progress.blocksFetched > 0)

    await Promise.all([publisher.kill(), seed.kill()])

    const reader = await joinTestProcess(t, { seeds: await seedsOf(mirror) })
    const begun = performance.now()
    const first = await read(reader, publisher.host, 'index.html')

    t.log(`first document after ${Math.round(performance.now() - begun)} ms`)
    t.is(first.status, 200, first.body.subarray(0, 1000).toString())
    await readAll(t, reader, publisher.host)

    const [used, ...others] = await reader.ask<SourceChoice[]>(
      'status',
      '--why',
      publisher.ready.address
    )

    t.like(used, { source: mirror.ready.address, state: 'first', isUsed: true })
    t.true((used?.throughput ?? 0) > 0)
    t.deepEqual(
      others.map(({ source, failures }) => ({ source, hasFailed: failures > 0 })),
      [{ source: publisher.ready.address, hasFailed: true }]
    )
  }
)

test.serial(
  'a mirror takes only what a new version changes, after kill -9 too, and never serves a byte that was changed on its disk',
  async t => {
    const { seed, publisher, mirror, folder } = await start(t)
    const first = await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    t.is(first.state, 'current', first.failure)

    await writeFile(join(folder, '.new'), 'another page')
    await rename(join(folder, '.new'), join(folder, 'index.html'))

    const second = await untilMirror(
      mirror,
      ({ state, version }) => state === 'current' && (version?.seq ?? 0) > (first.version?.seq ?? 0)
    )

    // The page and the folder that names it.
    t.is(second.progress.blocksFetched, 2)
    t.is(second.progress.blocks, first.progress.blocks)

    await mirror.kill()

    const again = await joinTestProcess(t, { seeds: await seedsOf(seed), home: mirror.home })
    const restarted = await untilMirror(again, ({ state }) => state === 'current')

    t.is(restarted.version?.seq, second.version?.seq)
    t.is(restarted.progress.blocksFetched, 0)

    await Promise.all([publisher.kill(), tamper(again.home)])

    const block = await ask(again.gateway, `/ipfs/${second.version?.cid}?format=raw`, {
      headers: { 'x-forwarded-for': '192.0.2.1' }
    })

    t.is(block.status, 404)

    const removed = await again.ask<MirrorJson>('unmirror', publisher.ready.address)

    t.is(removed.address, publisher.ready.address)
    t.deepEqual(await blockFiles(again.home), [])
  }
)

test.serial(
  'a site that is larger than its quota is refused before its files are fetched',
  async t => {
    const { publisher, mirror } = await start(t)
    const refused = await mirror.ask<MirrorJson>(
      'mirror',
      publisher.ready.address,
      '--quota',
      '1MiB'
    )

    t.is(refused.state, 'failing')
    t.regex(refused.failure ?? '', /quota/)
    t.is(refused.version, undefined)
    t.true((await blockFiles(mirror.home)).length < 10)

    const given = await mirror.ask<MirrorJson>(
      'mirror',
      publisher.ready.address,
      '--quota',
      '10MiB'
    )

    t.is(given.state, 'current', given.failure)
  }
)

test.serial('a mirror waits for its hours, keeps to its rate, and says both (C7)', async t => {
  const { publisher, mirror } = await start(t)
  const { address } = publisher.ready
  const later = new Date(Date.now() + 2 * 3_600_000).getHours()
  const schedule = [later, (later + 1) % 24]
    .map(hour => `${String(hour).padStart(2, '0')}:00`)
    .join('-')
  const waiting = await mirror.ask<MirrorJson>(
    'mirror',
    address,
    '--rate',
    '100Mbit',
    '--schedule',
    schedule
  )

  t.like(waiting, { state: 'waiting', rate: 12_500_000, schedule, version: undefined })
  t.is(new Date(waiting.resumes ?? 0).getHours(), later)
  t.deepEqual(await blockFiles(mirror.home), [])

  const copied = await mirror.ask<MirrorJson>('mirror', address, '--schedule', 'always')

  t.is(copied.state, 'current', copied.failure)
  t.is(copied.schedule, undefined)
  t.is(copied.rate, 12_500_000)
})

async function tamper(home: string): Promise<void> {
  for (const file of await blockFiles(home)) {
    const bytes = await readFile(file)

    await writeFile(file, bytes.fill(0x21))
  }
}

async function blockFiles(home: string): Promise<string[]> {
  const all = await readdir(home, { recursive: true, withFileTypes: true })

  return all
    .filter(entry => entry.isFile() && /mirrors\/blocks/.test(entry.parentPath))
    .map(({ parentPath, name }) => join(parentPath, name))
}
