import test, { type ExecutionContext } from 'ava'
import {
  DiscoveryStore,
  DisputedSuccessionError,
  encodeEnd,
  formatEnd,
  openNodeRecord,
  parseEnd,
  RecordError,
  RevokedKeyError,
  SucceededError,
  SuccessionError,
  validateForStorage,
  type VerifiedRecord
} from '../../../discovery/index.ts'
import { Lookup } from '../../../discovery/lookup/service.ts'
import { newestRecord, nodeRecordKey } from '../../../discovery/record-key.ts'
import { REVOKED_SEQ, SUCCEEDED_SEQ, type End } from '../../../discovery/succession/fields.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { openDatastore } from '../../../overlay/index.ts'
import { FakeNetwork } from '../../helpers/fake-network.ts'
import { newPerson, temporaryDirectory, type Person } from '../../helpers/identities.ts'
import { bodyOf, recordOf, signedRecord } from '../../helpers/records.ts'

const old = await newPerson()
const { uuid, address } = old.identity
/** The same node under a new key, and somebody who would like to be it. */
const [renewed, thief, third] = await Promise.all([
  newPerson(uuid),
  newPerson(uuid),
  newPerson(uuid)
])

function endOf(person: Person, end: End): VerifiedRecord {
  const sign = (message: Uint8Array): Uint8Array => person.authority.sign(message)

  return openNodeRecord(encodeEnd(person.identity, end, { sign, now: Date.now() }))
}

const succeededBy = (person: Person, { identity }: Person): VerifiedRecord =>
  endOf(person, { kind: 'succeeded', successor: identity.address })
const revoked = endOf(old, { kind: 'revoked' })
const after = (person: Person, ...predecessors: FullAddress[]): VerifiedRecord =>
  recordOf(person, { predecessors })

test('a last record comes back as it was signed, printed or not', t => {
  const end = succeededBy(old, renewed)

  t.deepEqual(end.end, { kind: 'succeeded', successor: renewed.identity.address })
  t.is(end.seq, SUCCEEDED_SEQ)
  t.deepEqual(revoked.end, { kind: 'revoked' })
  t.deepEqual(parseEnd(`on paper:\r\n${formatEnd(end.bytes)} kept safe`), end.bytes)
  t.is(parseEnd('-----BEGIN CERTIFICATE-----'), undefined)
  t.deepEqual(after(renewed, address).predecessors, [address])
})

const MALFORMED: Record<string, Record<string, unknown>> = {
  'a successor that is no address': { successor: 'alice', seq: SUCCEEDED_SEQ },
  'a successor in another spelling': {
    successor: formatAddress(renewed.identity.address).toUpperCase(),
    seq: SUCCEEDED_SEQ
  },
  'a successor and a revocation': {
    successor: formatAddress(renewed.identity.address),
    revoked: true,
    seq: REVOKED_SEQ
  },
  'a revocation that is none': { revoked: false, seq: REVOKED_SEQ },
  'a successor under a number that can be replaced': {
    successor: formatAddress(renewed.identity.address),
    seq: 7
  },
  'an ordinary record under the number of a revocation': { seq: REVOKED_SEQ },
  'an ordinary record under the number of a succession': { seq: SUCCEEDED_SEQ },
  'too many predecessors': { predecessors: Array(9).fill(formatAddress(address)) },
  'a predecessor that is no address': { predecessors: [7] }
}

for (const [what, changes] of Object.entries(MALFORMED)) {
  test(`${what} is malformed`, t => {
    const error = t.throws(
      () => openNodeRecord(signedRecord({ ...bodyOf(old), ...changes }, old)),
      {
        instanceOf: RecordError
      }
    )

    t.is(error?.fault, 'malformed')
  })
}

test('nobody ends the key of another', t => {
  const forged = { ...bodyOf(old, { certificate: old.identity.certificate }), revoked: true }
  const error = t.throws(() => openNodeRecord(signedRecord({ ...forged, seq: REVOKED_SEQ }, thief)))

  t.like(error, { fault: 'bad-signature' })
})

test('nothing replaces a last record but a revocation, and no replay brings back what was before', async t => {
  const { store } = await setUp(t)
  const key = nodeRecordKey(uuid, address.fp)
  const end = succeededBy(old, renewed)
  const before = recordOf(old)

  await validateForStorage(store, key, before.bytes)
  await validateForStorage(store, key, end.bytes)
  await t.throwsAsync(validateForStorage(store, key, before.bytes), { message: /is older than/ })
  await validateForStorage(store, key, revoked.bytes)
  await t.throwsAsync(validateForStorage(store, key, end.bytes), { message: /is older than/ })
  t.is(newestRecord(key, [before.bytes, revoked.bytes, end.bytes], Date.now()), 1)
  await store.remember({ record: end, learnt: Date.now() })
  t.is((await store.remember({ record: before, learnt: Date.now() })).record.seq, end.seq)
})

test('a pin moves to the successor that the old key names and the new one confirms', async t => {
  const { lookup, network, store, ends } = await setUp(t)

  await store.setPin(uuid, address.fp)
  network.values = [succeededBy(old, renewed).bytes, after(renewed, address).bytes]

  const { record, assurance, trail } = await lookup.resolve({ uuid })

  t.deepEqual([record.address, assurance], [renewed.identity.address, 'pinned'])
  t.is(await store.pin(uuid), renewed.identity.address.fp)
  t.true(trail.some(({ detail }) => detail.endsWith('names its successor, which confirms it')))
  t.deepEqual(ends, [[address, renewed.identity.address]])
  // And whoever asks for the old address is sent on, and not answered under the old origin.
  const moved = await t.throwsAsync(lookup.resolve(address), { instanceOf: SucceededError })

  t.deepEqual(moved?.successor, renewed.identity.address)
  await t.throwsAsync(lookup.resolve(address), { instanceOf: SucceededError }, 'from memory, too')
})

test('a successor that does not confirm it moves nothing', async t => {
  const { lookup, network, store, ends } = await setUp(t)

  await store.setPin(uuid, address.fp)
  network.values = [
    succeededBy(old, thief).bytes,
    // It names another, or nobody.
    after(thief, third.identity.address).bytes
  ]
  await t.throwsAsync(lookup.resolve({ uuid }), {
    instanceOf: SuccessionError,
    message: /does not confirm it/
  })
  t.is(await store.pin(uuid), address.fp)
  t.deepEqual(ends, [])
})

test('who says that it took the place of a pinned key, which does not say so, takes nothing', async t => {
  const { lookup, network, store } = await setUp(t)

  await store.setPin(uuid, address.fp)
  network.claim('thief', after(thief, address))
  await t.throwsAsync(lookup.resolve({ uuid }), { message: /The key of .* has changed/ })
  t.is(await store.pin(uuid), address.fp)
})

test('several successions are followed to their end, each confirmed', async t => {
  const { lookup, network, store } = await setUp(t)
  const middle = openNodeRecord(
    signedRecord(
      {
        ...bodyOf(renewed),
        successor: formatAddress(third.identity.address),
        predecessors: [formatAddress(address)],
        seq: SUCCEEDED_SEQ
      },
      renewed
    )
  )

  await store.setPin(uuid, address.fp)
  network.values = [
    succeededBy(old, renewed).bytes,
    middle.bytes,
    after(third, renewed.identity.address).bytes
  ]
  t.deepEqual((await lookup.resolve({ uuid })).record.address, third.identity.address)
})

// An attacker who has a key names itself, as the owner names the next key of its own.
test('where a key names two successors neither is followed, whichever is found first, then and later', async t => {
  const [one, two] = [succeededBy(old, renewed), succeededBy(old, thief)]
  const heirs = [after(renewed, address).bytes, after(thief, address).bytes]

  for (const [first, second] of [
    [one, two],
    [two, one]
  ] as const) {
    const { lookup, network, store, ends, disputes } = await setUp(t)

    await store.setPin(uuid, address.fp)
    network.values = [first.bytes, second.bytes, ...heirs]

    const error = await t.throwsAsync(lookup.resolve({ uuid }), {
      instanceOf: DisputedSuccessionError,
      message: /names two successors/
    })

    t.deepEqual(
      error?.successors.map(({ fp }) => fp),
      (first === one ? [renewed, thief] : [thief, renewed]).map(
        ({ identity }) => identity.address.fp
      )
    )
    // The one that is left does not win because the other is forgotten.
    network.values = [first.bytes, ...heirs]
    await t.throwsAsync(lookup.resolve(address), { instanceOf: DisputedSuccessionError })
    t.is(await store.pin(uuid), address.fp)
    t.deepEqual(ends, [])
    t.deepEqual(disputes, [formatAddress(address), formatAddress(address)])

    // The owner ends it.
    network.values = [first.bytes, second.bytes, revoked.bytes]
    await t.throwsAsync(lookup.resolve(address, { fresh: true }), { instanceOf: RevokedKeyError })
  }
})

test('a second successor that comes after the first was kept is noticed', async t => {
  const { lookup, network, store } = await setUp(t)
  const heirs = [after(renewed, address).bytes, after(thief, address).bytes]

  network.values = [succeededBy(old, renewed).bytes, ...heirs]
  await t.throwsAsync(lookup.resolve(address), { instanceOf: SucceededError })
  await store.remember({ record: succeededBy(old, thief), learnt: Date.now() })
  await t.throwsAsync(lookup.resolve(address), { instanceOf: DisputedSuccessionError })
})

test('successors in a circle lead nowhere', async t => {
  const { lookup, network, store } = await setUp(t)
  await store.setPin(uuid, address.fp)
  network.values = [circle(old, renewed), circle(renewed, old)]
  await t.throwsAsync(lookup.resolve({ uuid }), {
    instanceOf: SuccessionError,
    message: /was given up itself/
  })
  // Even one that names itself.
  network.values = [circle(thief, thief)]
  await t.throwsAsync(lookup.resolve(thief.identity.address), { instanceOf: SuccessionError })
  t.is(await store.pin(uuid), address.fp)
})

test('a revoked key is believed by nobody, and its successor neither', async t => {
  const { lookup, network, store, ends } = await setUp(t)

  await store.setPin(uuid, address.fp)
  network.values = [revoked.bytes, after(thief, address).bytes]
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: RevokedKeyError })
  await t.throwsAsync(lookup.resolve(address), { instanceOf: RevokedKeyError })
  t.is(await store.pin(uuid), address.fp)
  t.deepEqual(ends.at(-1), [address, undefined])
})

test('a key that has ended is no claim of its UUID', async t => {
  const { lookup, network, store } = await setUp(t)

  network.claim('old', succeededBy(old, renewed))
  network.claim('renewed', after(renewed, address))
  t.deepEqual((await lookup.resolve({ uuid })).record.address, renewed.identity.address)
  t.is(await store.pin(uuid), renewed.identity.address.fp)
})

test('a last record that this node tells is kept once', async t => {
  const { store } = await setUp(t)

  await store.keepEnd(revoked)
  await store.keepEnd(revoked)
  t.deepEqual(
    (await store.ends()).map(({ address: { fp } }) => fp),
    [address.fp]
  )
})

interface World {
  readonly lookup: Lookup
  readonly network: FakeNetwork
  readonly store: DiscoveryStore
  readonly ends: (FullAddress | undefined)[][]
  /** Keys that were told to name two successors. */
  readonly disputes: string[]
}

async function setUp(t: ExecutionContext): Promise<World> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const store = new DiscoveryStore(datastore)
  const network = new FakeNetwork()
  const ends: (FullAddress | undefined)[][] = []
  const disputes: string[] = []
  const lookup = new Lookup({
    network,
    store,
    self: () => undefined,
    onEnd: (...end) => ends.push(end),
    onDispute: ended => disputes.push(formatAddress(ended))
  })

  t.teardown(async () => {
    lookup.stop()
    await datastore.close()
  })

  return { lookup, network, store, ends, disputes }
}

/** A last record of a node that says it took the place of the one that it names. */
function circle(from: Person, to: Person): Uint8Array {
  const other = formatAddress(to.identity.address)

  return signedRecord(
    { ...bodyOf(from), successor: other, predecessors: [other], seq: SUCCEEDED_SEQ },
    from
  )
}
