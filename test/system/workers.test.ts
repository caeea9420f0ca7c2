import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import test from 'ava'
import type { SeedCard } from '../../http-gateway/index.ts'
import { ask } from '../http-gateway/client.ts'
import { childrenOf, until, untilGone } from '../http-gateway/workers/processes.ts'
import { joinTestProcess, startTestProcess } from '../helpers/node-processes.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { temporaryFolder } from '../helpers/testnet.ts'

const WORKERS = 2
const environment = { PLEXNET_GATEWAY_WORKERS: String(WORKERS) }

test('a site is published and read by nodes of several processes, one of which is killed meanwhile', async t => {
  t.timeout(120_000)

  const publisher = await startTestProcess(t, { environment })
  const [seed = ''] = (await publisher.ask<SeedCard>('seed')).urls
  const reader = await joinTestProcess(t, { seeds: [seed], environment })
  const { host } = publisher
  const read = async (): Promise<string> =>
    (await ask(reader.gateway, '/', { host })).body.toString()

  await publisher.ask('publish', await siteThatSays(t, 'read through workers'))
  t.regex(await read(), /read through workers/)

  const before = await childrenOf(publisher.process.pid ?? 0)
  const [victim = 0] = before

  t.is(before.length, WORKERS)
  process.kill(victim, 'SIGKILL')
  await untilGone(victim)
  // What the dead one had accepted is lost; everything else goes on at once.
  await until(async () => /read through workers/.test(await read()))

  await publisher.ask('publish', await siteThatSays(t, 'published after that'))
  await until(async () => {
    const now = await childrenOf(publisher.process.pid ?? 0)

    return now.length === WORKERS && !now.includes(victim)
  })
  await until(async () => /published after that/.test(await read()))

  // From outside, too.
  const { statusCode, body } = await request(`${publisher.gateway}/`)

  t.is(statusCode, 200)
  t.regex(await body.text(), /published after that/)
  t.is(await publisher.stop(), 0)
  await Promise.all(before.map(untilGone))
})

test('workers end with their node, even where it is killed', async t => {
  t.timeout(60_000)

  const node = await startTestProcess(t, { environment })
  const workers = await childrenOf(node.process.pid ?? 0)

  t.is(workers.length, WORKERS)
  await node.kill()
  await Promise.all(workers.map(untilGone))
  t.pass()
})

test('the access log has one whole line for each request, whichever worker answered it', async t => {
  t.timeout(60_000)

  const file = join(await temporaryFolder(t), 'access.log')
  const node = await startTestProcess(t, {
    environment: { ...environment, PLEXNET_ACCESS_LOG_FILE: file }
  })
  const requests = 50

  await node.ask('publish', await siteThatSays(t, 'logged'))
  await Promise.all(
    Array.from({ length: requests }, async (_, index) => ask(node.gateway, `/?${index}`))
  )
  // What a worker has not told yet, it tells before it ends.
  t.is(await node.stop(), 0)

  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const targets = lines.map(
    line =>
      /^127\.0\.0\.1 - - \[.*\] "GET (\S+) HTTP\/1\.1" 200 \d+ "-" "-"$/.exec(line)?.[1] ?? line
  )

  t.is(lines.length, requests)
  t.deepEqual(targets.toSorted(), Array.from({ length: requests }, (_, at) => `/?${at}`).toSorted())
})
