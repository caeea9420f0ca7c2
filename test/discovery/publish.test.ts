import test, { type ExecutionContext } from 'ava'
import { DiscoveryStore, openNodeRecord, type Reachability } from '../../discovery/index.ts'
import { Publisher, type PublisherOptions } from '../../discovery/publish/service.ts'
import { openDatastore } from '../../overlay/index.ts'
import { FakeNetwork } from '../helpers/fake-network.ts'
import { newPerson, temporaryDirectory } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const HOUR = 3_600_000
const alice = await newPerson()

test('a node signs once its key is unlocked, and a locked one has nothing', async t => {
  const { publisher, network } = await setUp(t)

  await publisher.announce()
  t.is(publisher.record, undefined)
  await publisher.unlock(alice.authority)
  t.is(publisher.record?.uuid, alice.identity.uuid)
  await publisher.announce()
  t.is(network.puts.length, 1)
})

test('it signs again when it is reached elsewhere, and not otherwise', async t => {
  const { publisher, here, network } = await setUp(t)

  await publisher.unlock(alice.authority)
  const first = publisher.record

  await publisher.refresh()
  t.is(publisher.record, first)

  here.endpoints = ['https://192.0.2.9:443']
  await publisher.refresh()
  t.deepEqual(publisher.record?.endpoints, ['https://192.0.2.9'])
  t.true((publisher.record?.seq ?? 0) > (first?.seq ?? Infinity))
  await publisher.refresh()

  t.deepEqual(
    network.puts.map(bytes => openNodeRecord(bytes).seq),
    [first?.seq, publisher.record?.seq, publisher.record?.seq]
  )
})

test('many changes at once give no two records one sequence number', async t => {
  const { publisher, here, store } = await setUp(t)
  const seen = new Set<number>()
  const write = store.setOwnRecord.bind(store)

  store.setOwnRecord = async record => {
    t.false(seen.has(record.seq))
    seen.add(record.seq)
    here.endpoints = [`https://192.0.2.${seen.size}:9010`]
    await write(record)
  }

  await publisher.unlock(alice.authority)
  await Promise.all(Array.from({ length: 5 }, async () => publisher.refresh()))
  t.is(seen.size, 6)
})

test('a machine with more addresses than a record may have is announced all the same', async t => {
  const { publisher, here } = await setUp(t)

  here.multiaddrs = Array.from({ length: 40 }, (_, index) => `/ip4/10.0.0.${index}/tcp/7010`)
  await publisher.unlock(alice.authority)
  t.is(publisher.record?.multiaddrs.length, 16)
})

test('after a restart the number goes on, even from a clock that was ahead', async t => {
  const { publisher, store, again } = await setUp(t)

  await store.setOwnRecord(recordOf(alice, { seq: Date.now() + 90 * HOUR }))
  await publisher.open()
  const before = publisher.record?.seq ?? Infinity

  const restarted = again()

  await restarted.open()
  t.is(restarted.record?.seq, before)
  await restarted.unlock(alice.authority)
  t.is(restarted.record?.seq, before + 1)
})

test('a locked node announces its last record, and warns once that has expired', async t => {
  const { publisher, store, network, warnings } = await setUp(t)

  await store.setOwnRecord(recordOf(alice))
  await publisher.open()
  await publisher.refresh()
  t.is(network.puts.length, 1)

  const now = Date.now()

  await store.setOwnRecord(recordOf(alice, { issued: now - HOUR, expires: now - 1 }))
  await publisher.open()
  await publisher.refresh()
  t.is(network.puts.length, 1)
  t.regex(warnings[0] ?? '', /has expired.*plexnet unlock/)
})

test('a stored record that is damaged or of another key is left aside', async t => {
  const { publisher, store, warnings } = await setUp(t)

  await store.setOwnRecord(recordOf(await newPerson(alice.identity.uuid)))
  await publisher.open()
  t.is(publisher.record, undefined)

  await store.setOwnRecord({ ...recordOf(alice), bytes: new Uint8Array(3) })
  await publisher.open()
  t.is(publisher.record, undefined)
  t.is(warnings.length, 1)
})

test('what fails in announcing is a warning, and after the stop not even that', async t => {
  const { publisher, network, warnings } = await setUp(t)

  network.onPut = () => {
    throw new Error('no route')
  }
  await publisher.unlock(alice.authority)
  await publisher.announce()
  t.deepEqual(warnings, ['The record of this node could not be announced: no route'])

  network.onPut = () => {
    publisher.stop()
    throw new Error('no route')
  }
  await publisher.announce()
  t.is(warnings.length, 1)
})

test('a disk that fails while signing again is a warning', async t => {
  const { publisher, here, warnings, close } = await setUp(t)

  await publisher.unlock(alice.authority)
  here.endpoints = []
  await close()
  await publisher.refresh()
  t.regex(warnings[0] ?? '', /^No new record of this node could be signed/)
})

test('one announcement serves all who ask for it at the same time', async t => {
  const { publisher, network, announced } = await setUp(t)

  await publisher.unlock(alice.authority)
  await Promise.all([publisher.announce(), publisher.announce(), publisher.announce()])
  t.is(network.puts.length, 1)
  t.deepEqual(announced, [3])
})

test('the interval announces again by itself, each time newly signed', async t => {
  const third = Promise.withResolvers<void>()
  const { publisher, network } = await setUp(t, {
    interval: 20,
    onAnnounced: () => {
      if (network.puts.length === 3) third.resolve()
    }
  })

  await publisher.unlock(alice.authority)
  await publisher.announce()
  await third.promise

  const numbers = network.puts.map(bytes => openNodeRecord(bytes).seq)

  t.is(new Set(numbers).size, numbers.length)
})

interface SetUp {
  readonly publisher: Publisher
  readonly network: FakeNetwork
  readonly store: DiscoveryStore
  readonly here: { -readonly [K in keyof Reachability]: Reachability[K] }
  readonly warnings: readonly string[]
  readonly announced: readonly number[]
  /** Another publisher over the same store, as after a restart. */
  readonly again: () => Publisher
  readonly close: () => Promise<void>
}

async function setUp(t: ExecutionContext, changes: Partial<PublisherOptions> = {}): Promise<SetUp> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const store = new DiscoveryStore(datastore)
  const network = new FakeNetwork()
  const [warnings, announced]: [string[], number[]] = [[], []]
  const here: SetUp['here'] = { multiaddrs: [], endpoints: ['https://192.0.2.1:443'] }
  const again = (): Publisher => {
    const publisher = new Publisher({
      identity: alice.identity,
      store,
      network,
      reachability: () => here,
      lifetime: HOUR,
      interval: HOUR / 2,
      onAnnounced: stored => announced.push(stored),
      onWarning: warning => warnings.push(warning),
      ...changes
    })

    t.teardown(() => publisher.stop())

    return publisher
  }
  const close = async (): Promise<void> => datastore.close()

  t.teardown(close)

  return { publisher: again(), network, store, here, warnings, announced, again, close }
}
