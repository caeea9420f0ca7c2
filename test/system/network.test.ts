import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet, startTestNode, untilFound } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

test('twelve nodes that joined through one seed find and read each other after the seed is gone', async t => {
  // A17, A25, A26
  t.timeout(90_000)

  const { seed, nodes } = await startTestnet(t, 11)
  const [publisher, ...readers] = nodes

  await publisher.node.publish(await siteThatSays(t, 'read without a seed'))
  await seed.stop()

  const { uuid, address } = publisher.ready

  for (const { node, gateway } of readers) {
    const byUuid = await node.resolve(uuid)
    const byAddress = await node.resolve(address, { fresh: true })

    t.is(byUuid.address, address)
    t.is(byAddress.uuid, uuid)
    t.is(byAddress.assurance, 'self-certifying')

    const page = await ask(gateway, '/', { host: publisher.host })

    t.is(page.status, 200)
    t.regex(page.body.toString(), /read without a seed/)
    t.is((await ask(gateway, `/${uuid}/`)).body.toString(), page.body.toString())
  }
})

test('a node that starts again while all its seeds are dead joins through remembered peers', async t => {
  // A26
  t.timeout(60_000)

  const { seed, nodes, seedUrl } = await startTestnet(t, 3)
  const [publisher, , late] = nodes

  await publisher.node.publish(await siteThatSays(t, 'still here'))
  await late.stop()
  await seed.stop()

  const again = await startTestNode(t, { home: late.home, seeds: [seedUrl] })
  await untilFound(again)

  t.is((await again.event('joined')).seed, undefined)
  t.regex((await ask(again.gateway, '/', { host: publisher.host })).body.toString(), /still here/)
  t.is((await publisher.node.resolve(again.ready.uuid)).address, again.ready.address)
})
