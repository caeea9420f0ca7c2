import { once } from 'node:events'
import test from 'ava'
import type { NodeCard } from '../../node.ts'
import { joinTestProcess } from '../helpers/node-processes.ts'
import { addHugeFile, siteThatSays } from '../helpers/sites.ts'
import { startTestnet } from '../helpers/testnet.ts'
import { ask, begin } from '../http-gateway/client.ts'

/** Far more than all buffers on the way hold. */
const HUGE = 1 << 28

/** Three times the 10 s after which a source counts as stalled, with pauses between and a margin, in ms. */
const STALL_BOUND = 45_000

interface ProblemJson {
  readonly code: string
  readonly failedStep?: string
  readonly steps: readonly { readonly step: string; readonly outcome: string }[]
}

test('a publisher killed in the middle of a download is an error for the reader, and the same site when it is back', async t => {
  // A52
  t.timeout(90_000)

  const { nodes, seedUrl } = await startTestnet(t, 1)
  const [reader] = nodes

  const folder = await siteThatSays(t, 'back again')
  const publisher = await joinTestProcess(t, { seeds: [seedUrl] })

  await addHugeFile(folder, 'huge.bin', HUGE)
  await publisher.ask('publish', folder)
  await publisher.event('signed')

  const { host } = publisher
  const download = await begin(reader.gateway, '/huge.bin', { host })

  t.is(download.headers['content-length'], String(HUGE))
  await once(download, 'readable')
  await publisher.kill()

  const received = await t.throwsAsync(countBytes(download))

  t.is(received?.message, 'aborted')
  t.false(download.complete)

  const problem = await ask(reader.gateway, '/', { host })
  const { code, failedStep, steps } = JSON.parse(problem.body.toString()) as ProblemJson

  t.is(problem.status, 502)
  // Of the site only the beginning of one file was read.
  t.is(code, 'PLEXNET_BLOCK_UNAVAILABLE')
  t.is(failedStep, 'address')
  t.true(steps.some(({ step, outcome }) => step === 'address' && outcome === 'failed'))
  t.is((await reader.node.status()).join.state, 'joined')

  const again = await joinTestProcess(t, { home: publisher.home, seeds: [seedUrl] })

  t.is(again.ready.address, publisher.ready.address)
  t.notDeepEqual(again.ready.https, publisher.ready.https)
  t.is((await again.ask<NodeCard>('id')).address, publisher.ready.address)
  t.regex((await ask(reader.gateway, '/', { host })).body.toString(), /back again/)
})

test('a publisher that stalls in the middle of a body is given up within the idle bound, and read again when it goes on', async t => {
  t.timeout(90_000)

  const { nodes, seedUrl } = await startTestnet(t, 1)
  const [reader] = nodes

  const folder = await siteThatSays(t, 'awake')
  const publisher = await joinTestProcess(t, { seeds: [seedUrl] })

  await addHugeFile(folder, 'huge.bin', HUGE)
  await publisher.ask('publish', folder)
  await publisher.event('signed')

  const { host } = publisher
  const download = await begin(reader.gateway, '/huge.bin', { host })

  await once(download, 'readable')
  publisher.process.kill('SIGSTOP')

  const from = performance.now()

  await t.throwsAsync(countBytes(download), { message: 'aborted' })
  t.true(performance.now() - from < STALL_BOUND)

  publisher.process.kill('SIGCONT')
  t.regex((await ask(reader.gateway, '/', { host })).body.toString(), /awake/)
})

test('a node killed at once after it published has its identity and its site when it starts again', async t => {
  // A52
  t.timeout(60_000)

  const { seedUrl } = await startTestnet(t, 0)
  const folder = await siteThatSays(t, 'kept')
  const first = await joinTestProcess(t, { seeds: [seedUrl] })

  await first.ask('publish', folder)
  await first.kill()

  const again = await joinTestProcess(t, { home: first.home, seeds: [seedUrl] })

  t.is(again.ready.address, first.ready.address)
  t.regex((await ask(again.gateway, '/')).body.toString(), /kept/)
})

async function countBytes(body: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0

  for await (const chunk of body) bytes += chunk.length

  return bytes
}
