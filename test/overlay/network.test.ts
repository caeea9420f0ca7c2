import test from 'ava'
import { AmbiguousError, NotFoundError, type VerifiedRecord } from '../../discovery/index.ts'
import { nodeRecordKey } from '../../discovery/record-key.ts'
import { parseUuid } from '../../identity/index.ts'
import { newPerson } from '../helpers/identities.ts'
import { startNetwork, startNode, type TestNetwork, type TestNode } from '../helpers/network.ts'
import { recordOf, signedRecord, bodyOf } from '../helpers/records.ts'

const SIZE = 12
const teardowns: (() => unknown)[] = []
const untilTheEnd = { teardown: (act: () => unknown) => teardowns.push(act) }
let network: TestNetwork
let seedAddress = ''

test.before(async () => {
  network = await startNetwork(untilTheEnd, SIZE)
  seedAddress = network.seed.overlay.multiaddrs[0] ?? ''
  // Now that all are there, each record goes to all: there are fewer nodes than k.
  for (const { discovery } of network.nodes) await discovery.reachabilityChanged()
})

test.after.always(async () => {
  for (const act of teardowns.toReversed()) await act()
})

// A26
test.serial('each node that joins through a seed joins once', t => {
  for (const { joins, warnings } of network.nodes) {
    t.is(joins.length, 1)
    t.deepEqual(warnings, [])
  }
})

// A25
test.serial('with the seed gone, each node is found by its full address', async t => {
  await network.seed.stop()

  for (const [reader, target] of pairs(5)) {
    const { record, source, assurance } = await reader.discovery.resolve(
      target.person.identity.address,
      { fresh: true }
    )

    t.is(record.uuid, target.person.identity.uuid)
    t.is(versionOf(record), versionOf(target.discovery.ownRecord))
    t.is(source, 'dht')
    t.is(assurance, 'self-certifying')
  }
})

// A25
test.serial('a connected peer near the key gives a record without a walk', async t => {
  for (const [reader, target] of pairs(4)) {
    const { uuid, fp } = target.person.identity.address
    const value = await reader.overlay.nearby(nodeRecordKey(uuid, fp))

    t.deepEqual(value && Buffer.from(value), Buffer.from(target.discovery.ownRecord?.bytes ?? []))
  }
  const { uuid } = (await newPerson()).identity

  t.is(await network.nodes[0]?.overlay.nearby(`/plexnet/node/${uuid}/${'a'.repeat(26)}`), undefined)
})

// A25
test.serial('with the seed gone, each node is found by its bare UUID, and pinned', async t => {
  for (const [reader, target] of pairs(3)) {
    const { uuid, address } = target.person.identity
    const first = await reader.discovery.resolve({ uuid })

    t.is(first.record.uuid, uuid)
    t.is(first.assurance, 'only-claim')
    t.is(await reader.store.pin(uuid), address.fp)
    t.is((await reader.discovery.resolve({ uuid })).assurance, 'pinned')
  }
})

test.serial('a UUID that nobody has is not found, and the trail says who was asked', async t => {
  const error = await t.throwsAsync(
    nodeAt(0).discovery.resolve({ uuid: parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc') }),
    { instanceOf: NotFoundError }
  )

  t.deepEqual(
    error?.trail.map(({ step, outcome }) => `${step} ${outcome}`),
    ['seed ok', 'dht failed']
  )
})

test.serial('an older record replaces no newer one at any peer', async t => {
  const { person, discovery } = nodeAt(1)
  const { uuid, fp } = person.identity.address
  const seq = discovery.ownRecord?.seq ?? 0
  const older = recordOf(person, { seq: seq - 1 })

  t.deepEqual(await nodeAt(2).overlay.put(nodeRecordKey(uuid, fp), older.bytes), { stored: 0 })

  const { record } = await nodeAt(7).discovery.resolve(person.identity.address, { fresh: true })

  t.is(record.seq, seq)
})

test.serial('no peer stores a record that is forged, misplaced or of another kind', async t => {
  const { person } = nodeAt(3)
  const other = nodeAt(4).person
  const { uuid, fp } = person.identity.address
  const key = nodeRecordKey(uuid, fp)
  const forged = signedRecord(bodyOf(person, { seq: Date.now() + 1 }), other)
  const { overlay } = nodeAt(5)

  t.deepEqual(await overlay.put(key, forged), { stored: 0 })
  t.deepEqual(await overlay.put(key, recordOf(other).bytes), { stored: 0 })
  t.deepEqual(await overlay.put(`/plexnet/site/${uuid}/${fp}`, forged), { stored: 0 })
  t.deepEqual(await overlay.put('/pk/anything', forged), { stored: 0 })
})

test.serial(
  'two nodes that claim one UUID are told apart by nobody but a full address',
  async t => {
    const uuid = parseUuid('00112233-4455-11e6-8001-0242ac110002')
    const claimants = await Promise.all(
      [1, 2].map(async () =>
        startNode(t, { person: await newPerson(uuid), seeds: nodeAt(0).overlay.multiaddrs })
      )
    )

    await Promise.all(claimants.map(async node => node.announced))

    const reader = nodeAt(6)
    const error = await t.throwsAsync(reader.discovery.resolve({ uuid }), {
      instanceOf: AmbiguousError
    })

    t.deepEqual(
      error?.claims.map(claim => claim.address.fp).toSorted(),
      claimants.map(node => node.person.identity.address.fp).toSorted()
    )

    for (const { person } of claimants) {
      const { record } = await reader.discovery.resolve(person.identity.address)

      t.is(record.address.fp, person.identity.address.fp)
    }
  }
)

// A26
test.serial(
  'a node that starts again with all its seeds dead comes back by the peers it remembers',
  async t => {
    const before = nodeAt(8)
    const oldSeq = before.discovery.ownRecord?.seq ?? 0

    await before.stop()

    const again = await startNode(t, {
      person: before.person,
      directory: before.directory,
      seeds: ['https://127.0.0.1:1', seedAddress]
    })

    // Found by discovery, or by kad-dht, which remembers some too.
    t.regex(await again.joined, /^a (remembered|connected) peer$/)
    await again.announced
    t.true((again.discovery.ownRecord?.seq ?? 0) > oldSeq)

    const { record } = await nodeAt(9).discovery.resolve(before.person.identity.address, {
      fresh: true
    })

    t.is(versionOf(record), versionOf(again.discovery.ownRecord))
  }
)

test('a network forms over IPv6 alone', async t => {
  const listen = ['/ip6/::1/tcp/0']
  const first = await startNode(t, { listen })
  const second = await startNode(t, { listen, seeds: first.overlay.multiaddrs })

  await second.announced
  t.true(second.overlay.multiaddrs.every(address => address.startsWith('/ip6/')))

  const { record } = await first.discovery.resolve(second.person.identity.address)

  t.is(record.uuid, second.person.identity.uuid)
})

function nodeAt(index: number): TestNode {
  const node = network.nodes[index]

  if (node == null) throw new RangeError(`the network has no node ${index}`)

  return node
}

function versionOf(record: VerifiedRecord | undefined): string {
  return `${record?.uuid} ${record?.seq}`
}

/** Each node with the one `distance` further. */
function pairs(distance: number): [TestNode, TestNode][] {
  return network.nodes.map((node, index) => [node, nodeAt((index + distance) % SIZE)])
}
