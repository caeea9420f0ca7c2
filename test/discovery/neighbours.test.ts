import { setImmediate as immediate } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { DiscoveryStore } from '../../discovery/index.ts'
import { Neighbours } from '../../discovery/neighbours/service.ts'
import { openDatastore } from '../../overlay/index.ts'
import { FakeNetwork } from '../helpers/fake-network.ts'
import { newPerson, temporaryDirectory } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const peer = { peerId: 'alice', multiaddrs: [] }

test('a neighbour that says who it is is known, and remembered', async t => {
  const { neighbours, network, store } = await setUp(t)

  network.claim('alice', recordOf(alice))
  await neighbours.learn(peer)
  t.is(neighbours.get('alice')?.uuid, alice.identity.uuid)
  t.is(neighbours.records().length, 1)
  t.not(store.recall(alice.identity.address.fp), undefined)
})

test('one that gives the record of another, an expired one or none stays nameless', async t => {
  const { neighbours, network } = await setUp(t)
  const now = Date.now()

  network.claim('alice', recordOf(bob), recordOf(alice))
  await neighbours.learn(peer)
  network.claim('alice', recordOf(alice, { issued: now - 2, expires: now - 1 }))
  await neighbours.learn(peer)
  network.claimants.clear()
  await neighbours.learn(peer)
  t.deepEqual(neighbours.records(), [])
})

test('one that had no record yet is asked again, and no more when it has left', async t => {
  const { neighbours, network } = await setUp(t, [1, 1])

  await neighbours.learn(peer)
  network.claim('alice', recordOf(alice))
  while (neighbours.get('alice') == null) await immediate()

  neighbours.forget('alice')
  network.claimants.clear()
  await neighbours.learn(peer)
  neighbours.forget('alice')
  await neighbours.learn({ peerId: 'bob', multiaddrs: [] })
  network.claim('bob', recordOf(bob))
  while (neighbours.get('bob') == null) await immediate()
  // Alice would have been asked again before.
  t.deepEqual(network.asked.slice(-3), ['alice', 'bob', 'bob'])
})

test('one that leaves while it is asked is not kept', async t => {
  const { neighbours, network } = await setUp(t)

  network.claim('alice', recordOf(alice))
  const learning = neighbours.learn(peer)

  neighbours.forget('alice')
  await learning
  t.deepEqual(neighbours.records(), [])
})

test('one that announces itself again and again is asked once at a time', async t => {
  const { neighbours, network } = await setUp(t)

  network.claim('alice', recordOf(alice))
  await Promise.all(Array.from({ length: 20 }, async () => neighbours.learn(peer)))
  t.deepEqual(network.asked, ['alice'])
  await neighbours.learn(peer)
  t.is(network.asked.length, 2)
})

async function setUp(
  t: ExecutionContext,
  retries: readonly number[] = []
): Promise<{ neighbours: Neighbours; network: FakeNetwork; store: DiscoveryStore }> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const store = new DiscoveryStore(datastore)
  const network = new FakeNetwork()

  t.teardown(async () => datastore.close())

  return { neighbours: new Neighbours({ network, store, retries }), network, store }
}
