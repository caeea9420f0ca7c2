import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type {
  MirrorJson,
  NodeStatus,
  PublishedSite,
  ResolutionJson,
  SeedCard
} from '../../http-gateway/index.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

async function publish(t: ExecutionContext, node: TestProcess, text: string): Promise<void> {
  const folder = join(await temporaryFolder(t), 'site')

  await mkdir(folder)
  await writeFile(join(folder, 'index.html'), text)
  await node.ask<PublishedSite>('publish', folder)
  await node.event('signed')
}

async function read(reader: TestProcess, site: TestProcess): Promise<string> {
  return (await ask(reader.gateway, '/', { host: site.host })).body.toString()
}

test('one node publishes, mirrors, reads and offers what it has read, and goes on with all of it when the other is gone (C4)', async t => {
  t.timeout(180_000)

  const seed = await startTestProcess(t)
  const seeds = (await seed.ask<SeedCard>('seed')).urls.slice(0, 1)
  const [all, other] = await Promise.all([
    joinTestProcess(t, {
      seeds,
      environment: {
        PLEXNET_CONTENT_SHARE_CACHE: 'true',
        PLEXNET_CONTENT_SHARE_LIFETIME: '1h',
        PLEXNET_CONTENT_SHARE_QUOTA: '1GiB'
      }
    }),
    joinTestProcess(t, { seeds })
  ])

  await Promise.all([publish(t, all, 'of all'), publish(t, other, 'of the other')])
  t.is((await all.ask<MirrorJson>('mirror', other.ready.address)).state, 'current')
  t.is(await read(all, other), 'of the other')
  t.is(await read(other, all), 'of all')

  // What it offers stands in its record, and its owner sees until when.
  const { caches } = await all.ask<NodeStatus>('status')
  const left = (caches?.offer?.until ?? 0) - Date.now()

  t.is(caches?.offer?.sent, 0)
  t.true(left > 0 && left <= 3_600_000, `${left}`)
  t.is((await other.ask<NodeStatus>('status')).caches?.offer, undefined)
  t.deepEqual((await other.ask<ResolutionJson>('resolve', all.ready.address)).capabilities, [
    'cache'
  ])
  t.deepEqual((await all.ask<ResolutionJson>('resolve', other.ready.address)).capabilities, [])

  await other.kill()

  const reader = await joinTestProcess(t, { seeds })

  t.is(await read(reader, other), 'of the other')
  t.is(await read(reader, all), 'of all')
})
