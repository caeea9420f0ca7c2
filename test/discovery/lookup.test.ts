import test, { type ExecutionContext } from 'ava'
import {
  AmbiguousError,
  DiscoveryStore,
  LookupBusyError,
  LookupTimeoutError,
  NotFoundError,
  OfflineError,
  PinnedKeyError,
  UnansweredError,
  type VerifiedRecord
} from '../../discovery/index.ts'
import { encodeClaimsAnswer } from '../../discovery/claims-answer.ts'
import { FRESH_FOR, REFRESH_AFTER } from '../../discovery/freshness.ts'
import { Lookup, type LookupOptions } from '../../discovery/lookup/service.ts'
import { parseUuid } from '../../identity/index.ts'
import { openDatastore } from '../../overlay/index.ts'
import { FakeNetwork } from '../helpers/fake-network.ts'
import { newPerson, temporaryDirectory } from '../helpers/identities.ts'
import { bodyOf, recordOf, signedRecord } from '../helpers/records.ts'

const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const { uuid, address } = alice.identity
const twin = await newPerson(uuid)
const unknown = { uuid: parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc') }
const old = recordOf(alice, { seq: 1 })
const current = recordOf(alice, { seq: 2 })

test('a fresh record in memory is given without asking', async t => {
  const { lookup, network } = await setUp(t, { known: current, age: 0 })
  const { source, assurance, stale } = await lookup.resolve(address)

  t.deepEqual([source, assurance, stale], ['memory', 'self-certifying', false])
  t.deepEqual(network.gets, [])
})

test('a record that grows old is given at once, and looked up beside', async t => {
  const { lookup, network, store } = await setUp(t, { known: old, age: REFRESH_AFTER })

  network.values = [current.bytes]
  t.is((await lookup.resolve(address)).record.seq, 1)
  // A second lookup of the same kind shares the one that is under way.
  t.is((await lookup.resolve(address, { fresh: true })).record.seq, 2)
  t.is(network.gets.length, 1)
  t.is(store.recall(address.fp)?.record.seq, 2)
})

test('a refresh that fails leaves the answer and the process alone', async t => {
  const { lookup, network } = await setUp(t, { known: old, age: REFRESH_AFTER })

  network.peers = 0
  t.is((await lookup.resolve(address)).source, 'memory')
  t.is((await lookup.resolve(address)).source, 'memory')
})

test('an old record is looked up again', async t => {
  const { lookup, network } = await setUp(t, { known: old, age: FRESH_FOR })

  network.values = [current.bytes]
  t.like(await lookup.resolve(address), { source: 'dht', stale: false })
})

test('what a connected peer near the key holds is enough', async t => {
  const { lookup, network } = await setUp(t)

  network.near = current.bytes
  t.like(await lookup.resolve(address), { source: 'dht', assurance: 'self-certifying' })
  t.deepEqual(network.gets, [])
})

test('where a peer near the key holds rubbish, the network is walked', async t => {
  const { lookup, network } = await setUp(t)

  network.near = new Uint8Array([1, 2, 3])
  network.values = [current.bytes]
  t.is((await lookup.resolve(address)).record.seq, 2)
  t.is(network.gets.length, 1)
})

test('fresh asks the network whatever is in memory', async t => {
  const { lookup, network } = await setUp(t, { known: old, age: 0 })

  network.values = [old.bytes, current.bytes]
  t.is((await lookup.resolve(address, { fresh: true })).record.seq, 2)
})

test('without a network what is known is given as stale, expired or not', async t => {
  const expired = recordOf(alice, { issued: Date.now() - 2000, expires: Date.now() - 1000 })

  for (const known of [old, expired]) {
    const { lookup, network } = await setUp(t, { known, age: FRESH_FOR })

    network.peers = 0
    t.like(await lookup.resolve(address), { source: 'disk', stale: true })
  }
})

test('without a network and without knowledge the node is offline, and says so', async t => {
  const { lookup, network } = await setUp(t)

  network.peers = 0
  await t.throwsAsync(lookup.resolve(address), { instanceOf: OfflineError })
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: OfflineError })
})

test('lookups of one address at one time are one', async t => {
  const { lookup, network } = await setUp(t)

  network.values = [current.bytes]
  const answers = await Promise.all(Array.from({ length: 20 }, async () => lookup.resolve(address)))

  t.is(network.gets.length, 1)
  t.true(answers.every(({ record }) => record.seq === 2))
})

test('one who stops waiting leaves the lookup to the others', async t => {
  const { lookup, network } = await setUp(t)
  const abort = new AbortController()

  network.values = [current.bytes]
  const impatient = lookup.resolve(address, { signal: abort.signal })
  const patient = lookup.resolve(address)

  abort.abort(new Error('enough'))
  await t.throwsAsync(impatient, { message: 'enough' })
  t.is((await patient).record.seq, 2)
})

test('one who has stopped waiting before starts nothing', async t => {
  const { lookup, network } = await setUp(t)

  await t.throwsAsync(lookup.resolve(address, { signal: AbortSignal.abort(new Error('late')) }), {
    message: 'late'
  })
  t.deepEqual(network.gets, [])
})

test('lies about a node are passed over', async t => {
  const { lookup, network } = await setUp(t)
  const expired = recordOf(alice, { seq: 9, issued: Date.now() - 20, expires: Date.now() - 10 })

  network.values = [
    new Uint8Array(100),
    signedRecord(bodyOf(alice, { seq: 9 }), bob),
    recordOf(bob).bytes,
    recordOf(twin, { seq: 9 }).bytes,
    expired.bytes,
    current.bytes
  ]
  t.is((await lookup.resolve(address)).record.seq, 2)
})

test('where there are only lies the address is not found, and the trail says why', async t => {
  const { lookup, network } = await setUp(t)

  network.values = [recordOf(bob).bytes]
  const error = await t.throwsAsync(lookup.resolve(address), { instanceOf: NotFoundError })

  t.true(error?.trail.some(({ detail }) => detail.includes('no usable record')))
})

test('an older record from the network does not replace the one that is known', async t => {
  const { lookup, network, store } = await setUp(t, { known: current, age: FRESH_FOR })

  network.values = [old.bytes]
  t.is((await lookup.resolve(address)).record.seq, 2)
  t.is(store.recall(address.fp)?.record.seq, 2)
})

test('what is not found is not asked for again at once, unless freshly', async t => {
  const { lookup, network } = await setUp(t)

  await t.throwsAsync(lookup.resolve(address), { instanceOf: NotFoundError })
  await t.throwsAsync(lookup.resolve(address), { instanceOf: NotFoundError })
  t.is(network.gets.length, 1)
  network.values = [current.bytes]
  t.is((await lookup.resolve(address, { fresh: true })).record.seq, 2)
})

test('the only claim of a bare UUID is taken and pinned', async t => {
  const { lookup, network, store } = await setUp(t)

  network.claim('alice', current)
  t.like(await lookup.resolve({ uuid }), { source: 'peer', assurance: 'only-claim' })
  t.is(await store.pin(uuid), address.fp)
})

test('once pinned, the claim of another key is not taken', async t => {
  const { lookup, network } = await setUp(t)

  network.claim('alice', current)
  await lookup.resolve({ uuid })
  network.claimants.clear()
  network.claim('twin', recordOf(twin))
  t.like(await lookup.resolve({ uuid }), { assurance: 'pinned', record: { address } })
  t.deepEqual(network.asked, ['alice'])
})

test('a pinned key that is gone, while another one claims the UUID, is told loudly', async t => {
  const { lookup, network, store } = await setUp(t)

  await store.setPin(uuid, address.fp)
  network.claim('twin', recordOf(twin))
  const error = await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: PinnedKeyError })

  t.deepEqual(error?.pinned, address)
  t.deepEqual(
    error?.claims.map(claim => claim.address),
    [twin.identity.address]
  )
  t.is(await store.pin(uuid), address.fp)
})

test('of several claims the one that the trust map vouches for is taken and pinned', async t => {
  const vouch = { level: 2, isOwn: true, paths: [] } as const
  const { lookup, network, store } = await setUp(t, {
    vouchFor: claim => (claim.fp === address.fp ? vouch : undefined)
  })

  network.claim('alice', current)
  network.claim('twin', recordOf(twin))
  t.like(await lookup.resolve({ uuid }), { assurance: 'vouched', vouch, record: { address } })
  t.is(await store.pin(uuid), address.fp)
})

// A25, A28: friends are asked beside the DHT.
test('what a friend knows of a UUID counts although its node is off', async t => {
  const asked: string[] = []
  const { lookup, network } = await setUp(t, {
    friends: {
      list: () => ['anna', 'ben'],
      ask: async friend => {
        asked.push(friend)
        if (friend === 'ben') throw new Error('connection refused')

        return encodeClaimsAnswer([current.bytes, recordOf(bob).bytes, new Uint8Array(9)])
      }
    }
  })

  network.claim('away', current)
  network.isAway = true

  const { record, assurance, trail } = await lookup.resolve({ uuid })

  t.deepEqual(record.address, address)
  t.is(assurance, 'only-claim')
  t.deepEqual(asked, ['anna', 'ben'])
  t.true(trail.some(({ detail }) => detail.includes('2 friends were asked, 1 did not answer')))
})

test('a friend’s word is one claim among others', async t => {
  const { lookup, network } = await setUp(t, {
    friends: {
      list: () => ['anna'],
      ask: async () => encodeClaimsAnswer([recordOf(twin).bytes])
    }
  })

  network.claim('alice', current)
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: AmbiguousError })
})

test('friends who answer rubbish are passed over', async t => {
  const { lookup, network } = await setUp(t, {
    friends: { list: () => ['anna'], ask: async () => new Uint8Array([255, 1]) }
  })

  network.claim('alice', current)
  t.deepEqual((await lookup.resolve({ uuid })).record.address, address)
})

test('a pinned key that only a friend knows of is found', async t => {
  const { lookup, store } = await setUp(t, {
    friends: { list: () => ['anna'], ask: async () => encodeClaimsAnswer([current.bytes]) }
  })

  await store.setPin(uuid, address.fp)
  t.like(await lookup.resolve({ uuid }), { assurance: 'pinned', record: { address } })
})

test('two claims of a bare UUID are both named and neither is pinned', async t => {
  const { lookup, network, store } = await setUp(t)

  network.claim('alice', current)
  network.claim('twin', recordOf(twin))
  const error = await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: AmbiguousError })

  t.is(error?.claims.length, 2)
  t.is(await store.pin(uuid), undefined)
})

test('a claim with the record of another peer, another UUID or none is no claim', async t => {
  const { lookup, network } = await setUp(t)

  network.claim('thief', current, recordOf(bob))
  network.claim('bob', recordOf(bob))
  network.claimants.set('mute', new Uint8Array())
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: NotFoundError })
  await t.throwsAsync(lookup.resolve(unknown), { instanceOf: NotFoundError })
})

test('a claimant that cannot be asked is told apart from none', async t => {
  const { lookup, network } = await setUp(t)

  network.claim('away', current)
  network.isAway = true
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: UnansweredError })
  // It may come back at any moment, so that the next lookup asks again.
  network.isAway = false
  t.is((await lookup.resolve({ uuid })).record.seq, current.seq)
})

test('of a flood of claimants only so many are asked', async t => {
  const { lookup, network } = await setUp(t)

  for (let index = 0; index < 100; index += 1) network.claimants.set(`${index}`, new Uint8Array())
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: NotFoundError })
  t.is(network.asked.length, 16)
})

test('this node knows itself by either address', async t => {
  const { lookup, network } = await setUp(t, { self: () => current })

  t.like(await lookup.resolve(address), { source: 'self', assurance: 'self' })
  t.like(await lookup.resolve({ uuid }), { source: 'self', assurance: 'self' })
  t.deepEqual([network.gets, network.asked], [[], []])
})

test('a network that never answers is given up, and what is known is given', async t => {
  const { lookup, network } = await setUp(t, { lookupTimeout: 50 })

  network.isFrozen = true
  await t.throwsAsync(lookup.resolve(address), { instanceOf: LookupTimeoutError })
  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: LookupTimeoutError })

  const knowing = await setUp(t, { lookupTimeout: 50, known: old, age: FRESH_FOR })

  knowing.network.isFrozen = true
  t.like(await knowing.lookup.resolve(address), { source: 'disk', stale: true })
})

test('beyond as many lookups as may be under way the next one is told so', async t => {
  const { lookup, network } = await setUp(t, { maxLookups: 1, lookupTimeout: 50 })

  network.isFrozen = true
  const first = lookup.resolve(address)

  await t.throwsAsync(lookup.resolve({ uuid }), { instanceOf: LookupBusyError })
  await t.throwsAsync(first, { instanceOf: LookupTimeoutError })
})

test('a lookup ends when the node stops', async t => {
  const { lookup, network } = await setUp(t)

  network.isFrozen = true
  const underway = lookup.resolve(address)

  lookup.stop()
  t.like(await t.throwsAsync(underway), { name: 'AbortError' })
})

interface SetUp extends Partial<LookupOptions> {
  readonly known?: VerifiedRecord
  /** How long ago it was learnt, in ms. */
  readonly age?: number
}

async function setUp(
  t: ExecutionContext,
  { known, age = 0, ...options }: SetUp = {}
): Promise<{ lookup: Lookup; network: FakeNetwork; store: DiscoveryStore }> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const store = new DiscoveryStore(datastore)
  const network = new FakeNetwork()
  const lookup = new Lookup({ network, store, self: () => undefined, ...options })

  // The bounds of a lookup keep no process alive; a node has sockets that do.
  const socket = setInterval(() => undefined, 60_000)

  t.teardown(async () => {
    clearInterval(socket)
    lookup.stop()
    await datastore.close()
  })
  if (known != null) await store.remember({ record: known, learnt: Date.now() - age })

  return { lookup, network, store }
}
