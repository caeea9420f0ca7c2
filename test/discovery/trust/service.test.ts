import test, { type ExecutionContext } from 'ava'
import {
  TrustKeeper,
  type Saying,
  type TrustKeeperOptions
} from '../../../discovery/trust/service.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { encodeTrustDocument, readTrustDocument } from '../../../identity/trust/index.ts'
import { openDatastore } from '../../../overlay/index.ts'
import { newPerson, temporaryDirectory, type Person } from '../../helpers/identities.ts'

const YEAR = 365 * 24 * 3_600_000
const [alice, bob, carol, dave] = await Promise.all([
  newPerson(),
  newPerson(),
  newPerson(),
  newPerson()
])

/** Everybody's keeper by address, as though they were on one network. */
class Village {
  readonly keepers = new Map<string, TrustKeeper>()
  readonly asked: string[] = []

  async fetch(party: FullAddress): Promise<Uint8Array> {
    const keeper = this.keepers.get(formatAddress(party))

    this.asked.push(formatAddress(party))
    if (keeper == null) throw new Error('connection refused')

    return keeper.document()
  }
}

async function keeperOf(
  t: ExecutionContext,
  person: Person,
  options: Partial<TrustKeeperOptions> & { directory?: string; village?: Village } = {}
): Promise<TrustKeeper> {
  const { village = new Village(), directory = await temporaryDirectory(t), ...rest } = options
  const datastore = await openDatastore(directory)
  const keeper = new TrustKeeper({
    identity: person.identity,
    datastore,
    fetch: async party => village.fetch(party),
    onWarning: message => t.fail(message),
    ...rest
  })

  await keeper.open()
  village.keepers.set(formatAddress(person.identity.address), keeper)
  t.teardown(async () => {
    keeper.stop()
    await keeper.refresh()
    await datastore.close()
  })

  return keeper
}

function about(person: Person, changes: Partial<Saying> = {}): Saying {
  return {
    subject: person.identity.address,
    domain: 'identify',
    level: 2,
    lifetime: YEAR,
    isPrivate: false,
    ...changes
  }
}

// A22, A24
test('what was said is there after a restart', async t => {
  const directory = await temporaryDirectory(t)
  const datastore = await openDatastore(directory)
  const options = {
    identity: alice.identity,
    datastore,
    fetch: async () => Promise.reject(new Error('nobody there')),
    onWarning: () => undefined
  }
  const first = new TrustKeeper(options)

  await first.open()
  await first.say(alice.authority, about(bob))
  first.stop()

  const second = new TrustKeeper(options)

  await second.open()
  t.is(second.level('identify', bob.identity.address), 2)
  t.is(second.own().length, 1)
  await first.refresh()
  await datastore.close()
})

test('friends’ statements are fetched, and those of the friends they bring in', async t => {
  const village = new Village()
  const [a, b, c] = await Promise.all([
    keeperOf(t, alice, { village }),
    keeperOf(t, bob, { village }),
    keeperOf(t, carol, { village })
  ])

  await b.say(bob.authority, about(carol))
  await c.say(carol.authority, about(dave))
  await a.say(alice.authority, about(bob))
  await a.refresh()

  t.is(a.level('identify', carol.identity.address), 2)
  t.is(a.level('identify', dave.identity.address), 2)
  // One path is not enough to vouch for a claim.
  t.is(a.vouch('identify', dave.identity.address), undefined)
  t.true(a.vouch('identify', bob.identity.address)?.isOwn)
})

test('trust that is taken back takes along what hung on it', async t => {
  const village = new Village()
  const [a, b] = await Promise.all([keeperOf(t, alice, { village }), keeperOf(t, bob, { village })])

  await b.say(bob.authority, about(carol))
  await a.say(alice.authority, about(bob))
  await a.refresh()
  t.is(a.level('identify', carol.identity.address), 2)

  await a.say(alice.authority, about(bob, { level: 0 }))
  t.is(a.level('identify', bob.identity.address), 0)
  t.is(a.level('identify', carol.identity.address), 0)
  t.deepEqual(a.own(), [])
})

test('what was said in private counts and is told to nobody', async t => {
  const a = await keeperOf(t, alice)

  await a.say(alice.authority, about(bob, { isPrivate: true }))
  t.is(a.level('identify', bob.identity.address), 2)
  t.deepEqual(readTrustDocument(a.document()).statements, [])
})

test('a document of a stranger changes nothing', async t => {
  const [a, d] = await Promise.all([keeperOf(t, alice), keeperOf(t, dave)])

  await d.say(dave.authority, about(carol))
  t.deepEqual(await a.learn(d.document()), ['stranger'])
  t.is(a.size, 0)
})

test('a document with one forged statement is refused whole', async t => {
  const [a, b] = await Promise.all([keeperOf(t, alice), keeperOf(t, bob)])

  await a.say(alice.authority, about(bob))
  await b.say(bob.authority, about(carol))

  const { certificate, statements } = readTrustDocument(b.document())
  const forged = Uint8Array.from(statements[0] ?? [])

  forged[forged.length - 1]! ^= 1

  await t.throwsAsync(
    a.learn(encodeTrustDocument({ certificate, statements: [...statements, forged] })),
    { code: 'PLEXNET_INVALID_TRUST_STATEMENT' }
  )
  t.is(a.level('identify', carol.identity.address), 0)
})

test('the same document twice is taken once', async t => {
  const [a, b] = await Promise.all([keeperOf(t, alice), keeperOf(t, bob)])

  await a.say(alice.authority, about(bob))
  await b.say(bob.authority, about(carol))
  t.deepEqual(await a.learn(b.document()), ['added'])
  t.deepEqual(await a.learn(b.document()), ['older'])
})

test('nobody is asked again at once, a friend who was away neither', async t => {
  const village = new Village()
  const a = await keeperOf(t, alice, { village })

  await a.say(alice.authority, about(bob))
  await a.refresh()
  await a.refresh()
  t.deepEqual(village.asked, [formatAddress(bob.identity.address)])
})
