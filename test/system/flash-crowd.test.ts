/** A publisher that has more readers than it can send to, and a node that reads its site all the same. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { MirrorJson, SeedCard } from '../../http-gateway/index.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const FILM = randomBytes(2_000_000)

async function seedsOf(node: TestProcess): Promise<readonly string[]> {
  return (await node.ask<SeedCard>('seed')).urls.slice(0, 1)
}

async function siteFolder(t: ExecutionContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'site')

  await mkdir(folder)
  await writeFile(join(folder, 'index.html'), '<h1>wanted by all</h1>')
  await writeFile(join(folder, 'film.bin'), FILM)

  return folder
}

/** Answers of a publisher until it tells of its mirror. */
async function untilListed({ gateway }: TestProcess): Promise<string> {
  for (;;) {
    const { headers } = await ask(gateway, '/', { host: 'localhost' })
    const field = headers['list-mirrors']

    if (typeof field === 'string') return field
  }
}

test.serial(
  'a publisher in a crowd leads a reader to its mirror, which is found, checked and read without it (C1)',
  async t => {
    t.timeout(180_000)

    const seed = await startTestProcess(t)
    const seeds = await seedsOf(seed)
    const publisher = await joinTestProcess(t, { seeds })
    const mirror = await joinTestProcess(t, { seeds })

    await publisher.ask('publish', await siteFolder(t))
    await publisher.event('announced', ({ stored }) => stored > 0)

    const { state, failure } = await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    t.is(state, 'current', failure)
    t.true((await untilListed(publisher)).includes(`node="${mirror.ready.address}"`))
    await publisher.kill()

    // From its first request on it has a crowd.
    const crowded = await joinTestProcess(t, {
      seeds,
      home: publisher.home,
      environment: { PLEXNET_LIMITS_CROWD: '1' }
    })
    const reader = await joinTestProcess(t, { seeds })
    const film = await ask(reader.gateway, '/film.bin', { host: crowded.host })
    const page = await ask(reader.gateway, '/', { host: crowded.host })

    t.is(film.status, 200, film.body.subarray(0, 500).toString())
    t.true(film.body.equals(FILM))
    t.regex(String(film.headers['plexnet-verified']), /^\?1;/)
    t.is(page.body.toString(), '<h1>wanted by all</h1>')

    // Without a node of one's own one is told where else it is.
    const refused = await ask(crowded.gateway, '/film.bin', {
      host: 'localhost',
      headers: { 'x-forwarded-for': '192.0.2.1' }
    })

    t.is(refused.status, 503)
    t.true(Number(refused.headers['retry-after']) > 0)
    t.true(String(refused.headers.link).includes('rel=duplicate'))
  }
)
