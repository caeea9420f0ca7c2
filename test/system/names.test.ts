import { setImmediate as immediate } from 'node:timers/promises'
import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

// A43, DESIGN section 8
test('a browser opens blog.alice: what one calls alice, and what she calls blog', async t => {
  t.timeout(120_000)

  const {
    nodes: [reader, alice, blog]
  } = await startTestnet(t, 3)

  await blog.node.publish(await siteThatSays(t, 'hello from the blog'))
  await alice.node.names.add('blog', blog.ready.address, 'published')
  await reader.node.names.add('alice', alice.ready.address, 'own')

  const moved = await ask(reader.gateway, '/index.html?a=1', {
    host: 'blog.alice.plex.localhost:8010'
  })

  t.is(moved.status, 307)
  t.is(moved.headers.location, `http://${blog.host}:8010/index.html?a=1`)
  t.is(moved.headers['cache-control'], 'no-store')
  t.true((await ask(reader.gateway, '/', { host: blog.host })).body.includes('hello from the blog'))

  const { steps, address } = await reader.node.names.resolve('alice/blog')

  t.is(address, blog.ready.address)
  t.deepEqual(
    steps.map(({ by }) => by),
    [['own'], [alice.ready.address]]
  )
  // Wherever a person types an address, a name does.
  t.is((await reader.node.resolve('blog.alice')).address, blog.ready.address)
  // Alice publishes nothing, and that is what is said of her address.
  await t.throwsAsync(Array.fromAsync(reader.node.verify('alice')), {
    code: 'PLEXNET_NO_SITE_RECORD',
    message: new RegExp(alice.ready.address)
  })
})

// A28, A43
test('who reads alice’s names hears that she calls another node blog now, and finds it; while she is away, too', async t => {
  t.timeout(120_000)

  const {
    nodes: [reader, alice, friend]
  } = await startTestnet(t, 3)
  const meaning = async (): Promise<string> =>
    (await reader.node.names.resolve('blog.alice')).address
  const trusted = {
    domains: ['identify', 'name'],
    level: 2,
    lifetime: 365 * 24 * 3_600_000,
    isPrivate: false
  }

  await alice.node.names.add('blog', friend.ready.address, 'published')
  await reader.node.names.add('alice', alice.ready.address, 'own')
  t.is(await meaning(), friend.ready.address)

  await alice.node.names.add('blog', reader.ready.address, 'published')
  await reader.event(
    'heard',
    ({ kind, origin, seq }) => kind === 'name' && origin === alice.ready.address && seq > 0
  )

  while ((await meaning()) !== reader.ready.address) {
    // The list that was announced is on its way.
    await immediate()
  }

  // The friend knows her openly and follows her names, and tells them while she is away.
  await friend.node.trust.add({ ...trusted, address: alice.ready.address })
  await reader.node.trust.add({ ...trusted, address: friend.ready.address })
  await friend.node.names.add('alice', alice.ready.address, 'own')
  t.is((await friend.node.names.resolve('blog.alice')).address, reader.ready.address)
  await alice.stop()

  const copy = await reader.node.fetch(
    friend.ready.address,
    `/.well-known/plexnet/names/${alice.ready.address}`
  )

  copy.body.destroy()
  t.is(copy.status, 200)
})

test('a plex: link leads on by name and by address', async t => {
  t.timeout(60_000)

  const {
    nodes: [reader, friend]
  } = await startTestnet(t, 2)
  const open = async (link: string): ReturnType<typeof ask> =>
    ask(reader.gateway, `/.well-known/plexnet/open?link=${encodeURIComponent(link)}`)
  const port = new URL(reader.gateway).port

  await reader.node.names.add('alice', friend.ready.address, 'own')

  for (const link of [
    'plex:alice/a%20b?c=1',
    'web+plex://alice/a%20b?c=1',
    `plex:${friend.ready.address}/a%20b?c=1`
  ]) {
    t.is((await open(link)).headers.location, `http://${friend.host}:${port}/a%20b?c=1`)
  }
  t.is((await open('https://example.org/')).status, 400)
  t.is((await open('plex:nobody')).status, 404)
})

test('an unknown name is a page that says what to do', async t => {
  t.timeout(60_000)

  const {
    nodes: [reader]
  } = await startTestnet(t, 1)
  const unknown = await ask(reader.gateway, '/', { host: 'nobody.plex.localhost' })
  const invalid = await ask(reader.gateway, '/', { host: '6409808a-3548.plex.localhost' })

  t.is(unknown.status, 404)
  t.true(unknown.body.includes('plexnet name add'))
  t.is(invalid.status, 400)
})

test('in its own letters a name comes from a browser in punycode', async t => {
  t.timeout(60_000)

  const {
    nodes: [reader, friend]
  } = await startTestnet(t, 2)
  const { suspicion } = await reader.node.names.add('çelik', friend.ready.address, 'own')
  const moved = await ask(reader.gateway, '/', { host: 'xn--elik-zoa.plex.localhost' })

  t.is(suspicion, undefined)
  t.is(moved.headers.location, `http://${friend.host}/`)
  t.deepEqual(
    (await reader.node.names.add('celík', friend.ready.address, 'own')).suspicion,
    undefined
  )
  t.like((await reader.node.names.add('çe1ik', friend.ready.address, 'own')).suspicion, {
    kind: 'look-alike'
  })
})
