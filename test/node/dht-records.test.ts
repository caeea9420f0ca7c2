import test from 'ava'
import { join } from 'node:path'
import { DiscoveryStore, RecordError } from '../../discovery/index.ts'
import { nodeRecordKey } from '../../discovery/record-key.ts'
import { newestRecord, validateRecord } from '../../node/dht-records.ts'
import { InvalidSiteRecordError, siteKey } from '../../overlay/content/index.ts'
import { openDatastore } from '../../overlay/index.ts'
import { newPerson, temporaryDirectory, type Teardown } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'
import { rootOf, siteOf } from '../helpers/site-records.ts'

const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const key = siteKey(alice.identity.address)
const first = siteOf(alice, rootOf('first'), { seq: 1 }).bytes
const second = siteOf(alice, rootOf('second'), { seq: 2 }).bytes

// C2: a mirror puts the same bytes again without the key, and nobody puts older ones.
test('a newer site replaces an older one, the same may come again, an older one is refused', async t => {
  const store = new DiscoveryStore(await newDatastore(t))

  await validateRecord(store, key, first)
  await validateRecord(store, key, second)
  await validateRecord(store, key, second)

  const error = await t.throwsAsync(validateRecord(store, key, first), { instanceOf: RecordError })

  t.is(error.fault, 'superseded')
})

test('a rollback is refused after a restart too', async t => {
  const datastore = await newDatastore(t)

  await validateRecord(new DiscoveryStore(datastore), key, second)

  const store = new DiscoveryStore(datastore)

  await store.open(Date.now())
  await t.throwsAsync(validateRecord(store, key, first), { instanceOf: RecordError })
})

test('a site under the key of another is refused, and does not count', async t => {
  const store = new DiscoveryStore(await newDatastore(t))

  await t.throwsAsync(validateRecord(store, siteKey(bob.identity.address), second), {
    instanceOf: InvalidSiteRecordError
  })
  await t.throwsAsync(validateRecord(store, key, siteOf(bob, rootOf('x'), { seq: 9 }).bytes), {
    instanceOf: InvalidSiteRecordError
  })
  await t.notThrowsAsync(validateRecord(store, key, first))
})

test('records of nodes stand beside those of sites', async t => {
  const store = new DiscoveryStore(await newDatastore(t))
  const { uuid, fp } = alice.identity.address
  const records = [1, 3, 2].map(seq => recordOf(alice, { seq }).bytes)

  await t.notThrowsAsync(validateRecord(store, nodeRecordKey(uuid, fp), recordOf(alice).bytes))
  t.is(newestRecord(nodeRecordKey(uuid, fp), records), 1)
  t.is(newestRecord(key, [first, second]), 1)
})

async function newDatastore(t: Teardown): ReturnType<typeof openDatastore> {
  const datastore = await openDatastore(join(await temporaryDirectory(t), 'datastore'))

  t.teardown(async () => datastore.close())

  return datastore
}
