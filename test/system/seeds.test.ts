import { createServer, type Server } from 'node:https'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import {
  identityIn,
  prepareHome,
  startTestnet,
  startTestNode,
  untilFound,
  type Teardown
} from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

test('a node with bad seeds starts, warns of each by its name, and joins through the good one', async t => {
  // A26
  t.timeout(60_000)

  const { nodes, seed, seedUrl } = await startTestnet(t, 1)
  const [publisher] = nodes

  const tls = await otherTls(t)
  const [rubbish, elsewhere, silent] = await Promise.all([
    serve(t, tls, (_, response) => response.end(Buffer.alloc(1000, 0xff))),
    serve(t, tls, (_, response) => response.writeHead(200, { 'content-length': 0 }).end()),
    serve(t, tls, () => undefined)
  ])
  const [origin = ''] = seedUrl.split('#')
  const bad = {
    notPinned: `${origin}#SHA256:${'00'.repeat(32)}`,
    rubbish,
    empty: elsewhere,
    silent,
    dead: 'https://127.0.0.1:1'
  }

  await publisher.node.publish(await siteThatSays(t, 'found all the same'))

  const node = await startTestNode(t, { seeds: [...Object.values(bad), seedUrl] })

  t.is((await ask(node.gateway, '/.well-known/plexnet/certificate')).status, 200)
  await untilFound(node)
  t.is((await node.event('joined')).seed, seedUrl)

  await node.event('warning', ({ message }) => message.includes(silent))

  const warnings = node.events.filter(event => event.event === 'warning')
  const about = (text: string): string | undefined =>
    warnings.find(({ message }) => message.includes(text))?.message

  t.regex(about(`${origin} shows`) ?? '', /another certificate than the one pinned/)
  t.regex(about(rubbish) ?? '', /answer|record|read/)
  t.regex(about(elsewhere) ?? '', /answer|record|read/)
  t.regex(about(silent) ?? '', /did not answer within/)
  t.regex(about(bad.dead) ?? '', /ECONNREFUSED/)
  t.log(warnings.map(({ message }) => message).join('\n'))

  const { join } = await node.node.status()

  t.is(join.seeds.find(attempt => attempt.seed === bad.notPinned)?.outcome, 'failed')
  t.is(join.seeds.find(attempt => attempt.seed === seedUrl)?.outcome, 'ok')
  t.regex((await ask(node.gateway, '/', { host: publisher.host })).body.toString(), /all the same/)
  t.truthy(seed.ready)
})

test('a node whose only seed shows another certificate stays off the network and serves its own site', async t => {
  t.timeout(60_000)

  const { seedUrl } = await startTestnet(t, 0)
  const [origin = ''] = seedUrl.split('#')
  const pinned = `${origin}#SHA256:${'00'.repeat(32)}`
  const node = await startTestNode(t, { seeds: [pinned] })

  await node.node.publish(await siteThatSays(t, 'mine'))
  await node.event('warning', ({ message }) => message.includes('pinned'))

  t.deepEqual(await node.node.peers(), [])
  t.is((await node.node.status()).join.state, 'joining')
  t.regex((await ask(node.gateway, '/')).body.toString(), /mine/)

  const other = await ask(node.gateway, '/00000000-0000-1000-8000-00000000dead/')

  t.is(other.status, 503)
  t.truthy(other.headers['retry-after'])
})

async function otherTls(t: Teardown): Promise<{ key: string; cert: string }> {
  return (await identityIn(await prepareHome(t))).tls
}

/** An https server that is no seed. */
async function serve(
  t: Teardown,
  tls: { key: string; cert: string },
  answer: RequestListener
): Promise<string> {
  const server: Server = createServer(tls, answer)

  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const address = server.address()

  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}
