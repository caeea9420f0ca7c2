/** What happens to mirrors: a disk that fills, a kill at any moment, and orders that stand. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDisk } from '../helpers/small-disk.ts'
import { untilMirror } from '../helpers/mirrors-of.ts'
import test, { type ExecutionContext } from 'ava'
import type { MirrorJson, SeedCard } from '../../http-gateway/index.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { prepareHome, startTestnet, temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const MIB = 1 << 20

interface Network {
  readonly publisher: TestProcess
  readonly seeds: readonly string[]
  readonly folder: string
}

async function publish(
  t: ExecutionContext,
  files: Readonly<Record<string, Buffer>>
): Promise<Network> {
  t.timeout(240_000)

  const publisher = await startTestProcess(t)
  const seeds = (await publisher.ask<SeedCard>('seed')).urls.slice(0, 1)
  const folder = join(await temporaryFolder(t), 'site')

  await mkdir(folder)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  await publisher.ask('publish', folder)
  await publisher.event('signed')

  return { publisher, seeds, folder }
}

test.serial(
  'on a disk that fills in the middle of a push a mirror serves what it had, and goes on when there is room',
  async t => {
    const page = Buffer.from('<h1>small</h1>')
    const film = randomBytes(6 * MIB)
    const { publisher, seeds, folder } = await publish(t, { 'index.html': page })
    const home = await prepareHome(t)
    const disk = join(home, 'data', 'mirrors')

    await mkdir(disk, { recursive: true, mode: 0o700 })

    if (!smallDisk(t, disk, '3m')) {
      t.log('skipped: this user may not mount a file system, so no disk can be filled')
      t.pass()

      return
    }

    const mirror = await joinTestProcess(t, { seeds, home })

    await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    const first = await untilMirror(mirror, ({ agreement }) => agreement?.state === 'listed')

    await writeFile(join(folder, '.new'), film)
    await rename(join(folder, '.new'), join(folder, 'film.bin'))

    const full = await untilMirror(mirror, ({ state }) => state === 'failing')

    t.regex(full.failure ?? '', /could not be written.*Make room there/)
    t.is(full.version?.cid, first.version?.cid)

    const site = `/${publisher.ready.address}`

    t.deepEqual((await ask(mirror.gateway, `${site}/`)).body, page)
    t.is((await ask(mirror.gateway, `${site}/film.bin`, { headers: OUTSIDER })).status, 404)

    execFileSync('mount', ['-o', 'remount,size=32m', disk])
    await mirror.ask<MirrorJson>('mirror', publisher.ready.address, '--no-wait')

    const whole = await untilMirror(
      mirror,
      ({ state, version }) => state === 'current' && version?.cid !== first.version?.cid
    )

    t.is(whole.completeness, 1)
    t.true((await ask(mirror.gateway, `${site}/film.bin`)).body.equals(film))
  }
)

/** Whoever is not the owner is served out of the copy alone. */
const OUTSIDER = { 'x-forwarded-for': '192.0.2.1' }

test.serial(
  'a mirror that is killed again and again in the middle of its copy loses nothing that it had, and is whole in the end',
  async t => {
    const film = randomBytes(6 * MIB)
    const { publisher, seeds } = await publish(t, { 'film.bin': film })
    const { address } = publisher.ready
    let mirror = await joinTestProcess(t, { seeds })
    let here = 0

    await mirror.ask<MirrorJson>('mirror', address, '--no-wait', '--rate', '2MiB')

    for (const share of [0.2, 0.5, 0.8]) {
      const { progress } = await untilMirror(
        mirror,
        one => one.completeness >= share || one.state === 'current'
      )

      t.true(progress.bytesHere >= here)
      here = progress.bytesHere
      await mirror.kill()
      mirror = await joinTestProcess(t, { seeds, home: mirror.home })
    }

    const whole = await untilMirror(mirror, ({ state }) => state === 'current')
    const { blocks, blocksFetched } = whole.progress

    // What the last run fetched is what the first three had not.
    t.true(blocksFetched <= blocks / 2, `${blocksFetched} of ${blocks}`)
    await publisher.kill()

    const { status, body } = await ask(mirror.gateway, `/${address}/film.bin`, {
      headers: OUTSIDER
    })

    t.is(status, 200)
    t.true(body.equals(film))
  }
)

test.serial(
  'a mirror that was away while the site changed again and again fetches what differs, and no more (C7)',
  async t => {
    const film = randomBytes(4 * MIB)
    const { publisher, seeds, folder } = await publish(t, {
      'film.bin': film,
      'index.html': Buffer.from('version 0')
    })
    const away = await joinTestProcess(t, { seeds })
    const first = await away.ask<MirrorJson>('mirror', publisher.ready.address)

    t.is(first.state, 'current', first.failure)
    await away.kill()

    let newest = first.version?.seq ?? 0

    for (const text of ['version 1', 'version 2', 'version 3']) {
      await writeFile(join(folder, '.new'), text)
      await rename(join(folder, '.new'), join(folder, 'index.html'))

      const before = newest
      const { seq } = await publisher.event('signed', event => event.seq > before)

      newest = seq
    }

    const back = await joinTestProcess(t, { seeds, home: away.home })
    const { progress } = await untilMirror(
      back,
      ({ state, version }) => state === 'current' && (version?.seq ?? 0) >= newest
    )

    // The page, and the folder that names it.
    t.is(progress.blocksFetched, 2)
    t.is(progress.blocks, first.progress.blocks)

    const { body } = await ask(back.gateway, `/${publisher.ready.address}/`, { headers: OUTSIDER })

    t.is(body.toString(), 'version 3')
  }
)

test.serial(
  'a standing order mirrors whom the owner trusts enough to mirror, and nobody else, until it ends (C7)',
  async t => {
    t.timeout(180_000)

    const {
      nodes: [mirror, trusted, known]
    } = await startTestnet(t, 3)

    for (const [index, publisher] of [trusted, known].entries()) {
      const folder = join(await temporaryFolder(t), 'site')

      await mkdir(folder)
      await writeFile(join(folder, 'index.html'), `<h1>site ${index}</h1>`)
      await publisher.node.publish(folder)
      await publisher.event('announced', ({ stored }) => stored > 0)
    }

    for (const [publisher, level] of [
      [trusted, 2],
      [known, 1]
    ] as const) {
      await mirror.node.trust.add({
        address: publisher.ready.address,
        domains: ['mirror'],
        level,
        lifetime: 86_400_000,
        isPrivate: true
      })
    }

    await t.throwsAsync(mirror.node.mirrors.follow({ trusted: 4, quota: 1 << 30 }), {
      code: 'PLEXNET_MIRROR_REFUSED'
    })
    await mirror.node.mirrors.follow({ trusted: 2, quota: 20 * 1024 * MIB })

    for (;;) {
      const [first, ...others] = await mirror.node.mirrors.list()

      t.deepEqual(others, [])
      if (first?.state === 'current') {
        t.is(first.address, trusted.ready.address)
        t.true(first.isByPolicy)
        t.true(first.quota > 0 && first.quota <= 20 * 1024 * MIB)
        break
      }
      await new Promise(setImmediate)
    }

    const { body } = await ask(mirror.gateway, `/${trusted.ready.address}/`)

    t.is(body.toString(), '<h1>site 0</h1>')
    t.deepEqual((await mirror.node.mirrors.overview()).policy, {
      trusted: 2,
      quota: 20 * 1024 * MIB
    })

    // All that is held for others goes in one command, and does not come back.
    const removed = await mirror.node.mirrors.removeAll()

    t.deepEqual(
      removed.map(({ address }) => address),
      [trusted.ready.address]
    )
    t.deepEqual(await mirror.node.mirrors.list(), [])
    t.is((await mirror.node.mirrors.overview()).policy, null)
  }
)
