import test from 'ava'
import type { TrustRequest } from '../../http-gateway/index.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet, startTestNode, untilFound, type TestNode } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const YEAR = 365 * 24 * 3_600_000

function inPerson(node: TestNode, changes: Partial<TrustRequest> = {}): TrustRequest {
  return {
    address: node.ready.address,
    domains: ['identify'],
    level: 2,
    lifetime: YEAR,
    isPrivate: false,
    ...changes
  }
}

// A22, A40, A42: DESIGN section 5
test('a contested UUID opens the site of the one whom two friends vouch for, and says through whom', async t => {
  t.timeout(120_000)

  const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
  const {
    nodes: [reader, anna, ben],
    seedUrl
  } = await startTestnet(t, 3)
  const [honest, impostor] = await Promise.all(
    ['the right one', 'another one'].map(async says => {
      const node = await startTestNode(t, { uuid, seeds: [seedUrl] })

      await node.node.publish(await siteThatSays(t, says))
      await untilFound(node)

      return node
    })
  )

  if (honest == null || impostor == null) throw new Error('two nodes claim the UUID')

  t.is((await ask(reader.gateway, '/', { host: `${uuid}.localhost` })).status, 300)

  await reader.node.trust.add(inPerson(anna))
  await reader.node.trust.add(inPerson(ben))
  await anna.node.trust.add(inPerson(honest))
  await reader.node.trust.refresh()
  // One friend is not enough: she may have been deceived.
  t.is((await ask(reader.gateway, '/', { host: `${uuid}.localhost` })).status, 300)

  await ben.node.trust.add(inPerson(honest))
  await reader.node.trust.refresh()

  const resolution = await reader.node.resolve(uuid)

  t.is(resolution.address, honest.ready.address)
  t.is(resolution.assurance, 'vouched')
  t.deepEqual(
    resolution.vouch?.paths.map(([, friend]) => friend).toSorted(),
    [anna.ready.address, ben.ready.address].toSorted()
  )
  t.true(
    (await ask(reader.gateway, '/', { host: `${uuid}.localhost` })).body.includes('the right one')
  )
})

// A25, A50: claims do not die with their node.
test('a bare UUID whose node is off is found through a friend who knows it', async t => {
  t.timeout(120_000)

  const {
    nodes: [reader, friend, away]
  } = await startTestnet(t, 3)

  await reader.node.trust.add(inPerson(friend))
  // The friend has been there, and remembers.
  await friend.node.resolve(away.ready.uuid)
  await away.stop()

  const { address, assurance } = await reader.node.resolve(away.ready.uuid)

  t.is(address, away.ready.address)
  t.is(assurance, 'only-claim')
})

test('a fingerprint that was compared decides between claims; another one is refused', async t => {
  t.timeout(120_000)

  const {
    nodes: [reader, friend, stranger]
  } = await startTestnet(t, 3)
  const bare = friend.ready.uuid

  await t.throwsAsync(
    reader.node.trust.add(
      inPerson(friend, { address: bare, fingerprint: stranger.ready.fingerprint })
    ),
    { code: 'PLEXNET_FINGERPRINT_MISMATCH' }
  )
  await t.throwsAsync(reader.node.trust.add(inPerson(friend, { address: bare })), {
    code: 'PLEXNET_INVALID_TRUST'
  })
  t.deepEqual((await reader.node.trust.list()).own, [])

  const [said] = await reader.node.trust.add(
    inPerson(friend, { address: bare, fingerprint: friend.ready.fingerprint })
  )

  t.is(said?.address, friend.ready.address)
})

test('a locked node says so in place of signing', async t => {
  t.timeout(60_000)

  const {
    nodes: [friend],
    seedUrl
  } = await startTestnet(t, 1)
  const locked = await startTestNode(t, { seeds: [seedUrl], locked: true })

  await t.throwsAsync(locked.node.trust.add(inPerson(friend)), { code: 'PLEXNET_LOCKED' })
})
