import { MemoryDatastore } from 'datastore-core'
import test from 'ava'
import type { FullAddress } from '../../../../identity/index.ts'
import {
  SiteLookup,
  type PublisherAnswer
} from '../../../../overlay/content/site-lookup/service.ts'
import { KnownSites } from '../../../../overlay/content/site-lookup/store.ts'
import type { VerifiedSite } from '../../../../overlay/content/index.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { rootOf, siteOf } from '../../../helpers/site-records.ts'

const [alice, mallory] = await Promise.all([newPerson(), newPerson()])
const { address } = alice.identity
const HOUR = 3_600_000

/** A publisher and a DHT that say what the test says. */
class World {
  site: VerifiedSite | undefined
  /** `down`: nobody answers. `mute`: no answer ever comes. */
  state: 'up' | 'down' | 'mute' = 'up'
  dht: Uint8Array[] = []
  asked = 0
  walks = 0
  readonly refusals: string[] = []
  #datastore = new MemoryDatastore()

  /** A lookup over the same disk as those before it. */
  async lookup(): Promise<SiteLookup> {
    const store = new KnownSites(this.#datastore)

    await store.open()

    return new SiteLookup({
      store,
      publisher: { ask: async (_, known) => this.#answer(known) },
      network: {
        routingTableSize: () => 3,
        nearby: async () => undefined,
        get: async function* (this: World) {
          this.walks += 1
          yield* this.dht
        }.bind(this)
      },
      onRefused: (_: FullAddress, reason) => this.refusals.push(reason)
    })
  }

  async #answer(known: number | undefined): Promise<PublisherAnswer> {
    this.asked += 1
    if (this.state === 'down') throw new Error('nothing listens there')
    if (this.state === 'mute') return new Promise(() => undefined)
    if (this.site == null) return { kind: 'none' }

    return this.site.seq === known ? { kind: 'same' } : { kind: 'record', bytes: this.site.bytes }
  }
}

function worldWith(site?: VerifiedSite): World {
  const world = new World()

  world.site = site

  return world
}

test('the publisher is asked once by all who want to know at a time, and not again for a moment', async t => {
  const site = siteOf(alice, rootOf('one'))
  const world = worldWith(site)
  const lookup = await world.lookup()
  const found = await Promise.all(Array.from({ length: 20 }, async () => lookup.find(address)))

  t.true(found.every(known => known?.site.root.equals(site.root)))
  t.is((await lookup.find(address))?.site.seq, site.seq)
  t.is(world.asked, 1)
  t.not(lookup.recall(address), undefined)
})

test('a site that its publisher does not have is none, and is not asked for again at once', async t => {
  const world = worldWith()
  const lookup = await world.lookup()

  t.is(await lookup.find(address), undefined)
  t.is(await lookup.find(address), undefined)
  t.is(world.asked, 1)
})

// C11: a mirror, or anybody else, keeps the record in the network.
test('with the publisher off the newest record of the network is taken, as old as its signature', async t => {
  const issued = Date.now() - HOUR / 2
  const old = siteOf(alice, rootOf('old'), { seq: 1, issued, expires: issued + HOUR })
  const newer = siteOf(alice, rootOf('new'), { seq: 2, issued, expires: issued + HOUR })
  const world = worldWith()

  world.state = 'down'
  world.dht = [old.bytes, newer.bytes]

  const known = await (await world.lookup()).find(address)

  t.is(known?.site.seq, 2)
  t.is(known?.confirmed, issued)
})

test('a publisher that says nothing does not hold up what the network knows', async t => {
  const world = worldWith()
  const site = siteOf(alice, rootOf('one'), { seq: 4 })

  world.state = 'mute'
  world.dht = [site.bytes]

  const lookup = await world.lookup()

  t.is((await lookup.find(address))?.site.seq, 4)
  lookup.stop()
})

test('records of others, damaged ones and older ones are refused with the reason', async t => {
  const world = worldWith(siteOf(alice, rootOf('two'), { seq: 2 }))
  const lookup = await world.lookup()

  await lookup.find(address)
  t.is(await lookup.learn(address, siteOf(alice, rootOf('one'), { seq: 1 }).bytes), undefined)
  t.is(await lookup.learn(address, siteOf(mallory, rootOf('bad'), { seq: 9 }).bytes), undefined)
  t.is(await lookup.learn(address, Uint8Array.of(1, 2, 3)), undefined)
  t.is(await lookup.learn(address, siteOf(alice, rootOf('other'), { seq: 2 }).bytes), undefined)
  t.is((await lookup.known(address))?.site.seq, 2)
  t.is(world.refusals.length, 4)
  t.regex(world.refusals[0] ?? '', /older than 2/)
  t.regex(world.refusals[3] ?? '', /Two different records/)
})

test('what was seen before the node was started again still counts: a rollback is refused', async t => {
  const world = worldWith(siteOf(alice, rootOf('two'), { seq: 2 }))

  await (await world.lookup()).find(address)
  world.state = 'down'
  world.dht = [siteOf(alice, rootOf('one'), { seq: 1 }).bytes]

  const lookup = await world.lookup()

  t.is((await lookup.find(address))?.site.seq, 2)
})

// A50
test('with nobody to ask, a site that was seen before is still known, with the time of the last word', async t => {
  const site = siteOf(alice, rootOf('one'))
  const world = worldWith(site)
  const before = await (await world.lookup()).find(address)

  world.state = 'down'

  const lookup = await world.lookup()
  const known = await lookup.known(address)

  t.is(known?.site.seq, site.seq)
  t.is(known?.confirmed, before?.confirmed)
})

test('learning a newer record makes it the known one', async t => {
  const world = worldWith(siteOf(alice, rootOf('one'), { seq: 1 }))
  const lookup = await world.lookup()
  const newer = siteOf(alice, rootOf('two'), { seq: 2 })

  await lookup.find(address)
  t.is((await lookup.learn(address, newer.bytes))?.site.seq, 2)
  t.is((await lookup.known(address))?.site.seq, 2)
})
