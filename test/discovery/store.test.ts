import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { DiscoveryStore, type VerifiedRecord } from '../../discovery/index.ts'
import { nodeRecordKey } from '../../discovery/record-key.ts'
import { MAX_REMEMBERED_PEERS, type StoreLimits } from '../../discovery/store.ts'
import { openDatastore } from '../../overlay/index.ts'
import { newPerson, temporaryDirectory } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const [alice, bob, carol] = await Promise.all([newPerson(), newPerson(), newPerson()])
const { uuid, fp } = alice.identity.address
const key = nodeRecordKey(uuid, fp)

test('what is remembered is there when the store is opened again', async t => {
  const { store, reopen } = await openStore(t)
  const record = recordOf(alice)

  await store.remember({ record, learnt: 7 })
  await store.setPin(uuid, fp)
  await store.setOwnRecord(record)
  await store.rememberPeers([['/ip4/192.0.2.1/tcp/1/p2p/x']])

  const again = await reopen()

  t.is(again.recall(fp), undefined)
  t.is((await again.record(fp))?.record.seq, record.seq)
  t.is((await again.record(fp))?.learnt, 7)
  t.not(again.recall(fp), undefined)
  t.is(await again.pin(uuid), fp)
  t.deepEqual(new Uint8Array((await again.ownRecord()) ?? []), record.bytes)
  t.deepEqual(await again.rememberedPeers(), [['/ip4/192.0.2.1/tcp/1/p2p/x']])
})

test('a store that knows nothing says so', async t => {
  const { store } = await openStore(t)

  t.is(await store.record(fp), undefined)
  t.is(await store.pin(uuid), undefined)
  t.is(await store.ownRecord(), undefined)
  t.deepEqual(await store.rememberedPeers(), [])
})

test('an older record does not replace a newer one, not even when both come at once', async t => {
  const { store, reopen } = await openStore(t)
  const [older, newer] = [recordOf(alice, { seq: 1 }), recordOf(alice, { seq: 2 })]
  const kept = await Promise.all([
    store.remember({ record: newer, learnt: 1 }),
    store.remember({ record: older, learnt: 2 })
  ])

  t.deepEqual(
    kept.map(({ record }) => record.seq),
    [2, 2]
  )
  t.is((await (await reopen()).record(fp))?.record.seq, 2)
})

test('sequence numbers never go back, nor after the store is opened again', async t => {
  const { store, reopen } = await openStore(t)

  await Promise.all([5, 6, 7].map(async seq => raise(store, recordOf(alice, { seq }))))
  await refused(t, store, recordOf(alice, { seq: 6 }), 'superseded')

  const again = await reopen()

  await refused(t, again, recordOf(alice, { seq: 6 }), 'superseded')
  await raise(again, recordOf(alice, { seq: 7 }))
  await raise(again, recordOf(alice, { seq: 8 }))
})

test("a node's own record counts as seen", async t => {
  const { store } = await openStore(t)

  await store.setOwnRecord(recordOf(alice, { seq: 5 }))
  await refused(t, store, recordOf(alice, { seq: 4 }), 'superseded')
})

test('the sequence number of an expired record is forgotten', async t => {
  const { store, reopen } = await openStore(t)
  const now = Date.now()

  await raise(store, recordOf(alice, { seq: 9, issued: now - 10, expires: now + 1 }))
  await store.raiseSequence(key, recordOf(alice, { seq: 3 }), now + 2)
  await raise(await reopen(now + 7_200_000), recordOf(alice, { seq: 1 }))
  t.pass()
})

test('at its bound a store takes no further key, until one expires', async t => {
  const { store } = await openStore(t, { sequences: 2 })
  const now = Date.now()

  await raise(store, recordOf(alice))
  await raise(store, recordOf(bob, { issued: now - 10, expires: now + 60_000 }))
  await refused(t, store, recordOf(carol), 'store-full')
  await raise(store, recordOf(alice, { seq: now + 5 }))
  await store.raiseSequence(keyOf(recordOf(carol)), recordOf(carol), now + 60_001)
})

test('past their bound, records that were not used for longest are deleted from the disk', async t => {
  const { store, reopen } = await openStore(t, { records: 2 })

  for (const person of [alice, bob, carol]) {
    await store.remember({ record: recordOf(person), learnt: 1 })
  }

  const again = await reopen()

  t.is(await again.record(fp), undefined)
  t.not(await again.record(bob.identity.address.fp), undefined)
  t.not(await again.record(carol.identity.address.fp), undefined)
})

test('a bound that was lowered holds from the next start on', async t => {
  const { store, reopen } = await openStore(t)
  const everyone = [alice, bob, carol]

  for (const person of everyone) await store.remember({ record: recordOf(person), learnt: 1 })

  const again = await reopen(Date.now(), { records: 1 })
  const left = await Promise.all(
    everyone.map(async ({ identity }) => again.record(identity.address.fp))
  )

  t.is(left.filter(known => known != null).length, 1)
})

test('only so many peers are remembered, the first ones', async t => {
  const { store } = await openStore(t)
  const peers = Array.from({ length: MAX_REMEMBERED_PEERS + 9 }, (_, index) => [`/dns4/n${index}`])

  await store.rememberPeers(peers)
  t.deepEqual(await store.rememberedPeers(), peers.slice(0, MAX_REMEMBERED_PEERS))
})

interface OpenStore {
  readonly store: DiscoveryStore
  /** Closes the database and opens it anew. */
  readonly reopen: (now?: number, limits?: StoreLimits) => Promise<DiscoveryStore>
}

async function openStore(t: ExecutionContext, limits: StoreLimits = {}): Promise<OpenStore> {
  const folder = join(await temporaryDirectory(t), 'datastore')
  let datastore = await openDatastore(folder)
  const open = async (now: number, bounds: StoreLimits): Promise<DiscoveryStore> => {
    const store = new DiscoveryStore(datastore, bounds)

    await store.open(now)

    return store
  }

  t.teardown(async () => datastore.close())

  return {
    store: await open(Date.now(), limits),
    reopen: async (now = Date.now(), bounds = limits) => {
      await datastore.close()
      datastore = await openDatastore(folder)

      return open(now, bounds)
    }
  }
}

async function raise(store: DiscoveryStore, record: VerifiedRecord): Promise<void> {
  await store.raiseSequence(keyOf(record), record, Date.now())
}

async function refused(
  t: ExecutionContext,
  store: DiscoveryStore,
  record: VerifiedRecord,
  fault: string
): Promise<void> {
  t.like(await t.throwsAsync(raise(store, record)), { code: 'PLEXNET_RECORD', fault })
}

function keyOf({ address }: VerifiedRecord): string {
  return nodeRecordKey(address.uuid, address.fp)
}
