import test from 'ava'
import { FoundMirrors, type FoundMirror } from '../../../http-gateway/mirrors/service.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import type { BlockSource } from '../../../overlay/content/fetch/index.ts'
import { newPerson } from '../../helpers/identities.ts'

const [site, stranger, friend] = (await Promise.all([newPerson(), newPerson(), newPerson()])).map(
  ({ identity }) => identity.address
)
const addressOf = (address: FullAddress | undefined): FullAddress => {
  if (address == null) throw new Error('no such person')

  return address
}
const sourceOf = (address: FullAddress): BlockSource => ({
  id: formatAddress(address),
  kind: 'node'
})

test('mirrors that are trusted come first, and many readers ask the network once', async t => {
  let asked = 0
  const isOver = Promise.withResolvers<void>()
  const mirrors = new FoundMirrors({
    sourceOf,
    find: async function* (): AsyncGenerator<FoundMirror> {
      asked += 1
      yield { address: addressOf(stranger), trust: 0 }
      yield { address: addressOf(friend), trust: 2 }
      isOver.resolve()
    }
  })

  t.deepEqual(mirrors.sources(addressOf(site)), [])
  await Promise.all([mirrors.search(addressOf(site)), mirrors.search(addressOf(site))])
  await isOver.promise
  t.is(asked, 1)
  t.deepEqual(mirrors.addresses(addressOf(site)), [addressOf(friend), addressOf(stranger)])
  t.deepEqual(
    mirrors.sources(addressOf(site)).map(({ id }) => id),
    [friend, stranger].map(address => formatAddress(addressOf(address)))
  )
  mirrors.close()
})

test('of mirrors that nobody asked yet the nearest comes first, whoever is trusted as much', async t => {
  const isOver = Promise.withResolvers<void>()
  const distances = new Map([
    [addressOf(stranger), 10],
    [addressOf(friend), 90]
  ])
  const mirrors = new FoundMirrors({
    sourceOf: address => ({
      ...sourceOf(address),
      standing: () => ({ roundTrip: distances.get(address) ?? 0, trust: 0 })
    }),
    find: async function* (): AsyncGenerator<FoundMirror> {
      yield { address: addressOf(friend), trust: 0 }
      yield { address: addressOf(stranger), trust: 0 }
      isOver.resolve()
    }
  })

  await mirrors.search(addressOf(site))
  await isOver.promise
  t.deepEqual(mirrors.addresses(addressOf(site)), [addressOf(stranger), addressOf(friend)])
  mirrors.close()
})

test('a reader goes on with the first mirror, while others are still looked for', async t => {
  const never = Promise.withResolvers<void>()
  const mirrors = new FoundMirrors({
    sourceOf,
    find: async function* (): AsyncGenerator<FoundMirror> {
      yield { address: addressOf(stranger), trust: 0 }
      await never.promise
    }
  })

  await mirrors.search(addressOf(site))
  t.is(mirrors.sources(addressOf(site)).length, 1)
  never.resolve()
  mirrors.close()
})

test('however many say that they mirror a site, eight are used, and a network that fails is no failure', async t => {
  const isOver = Promise.withResolvers<void>()
  let named = 0
  const mirrors = new FoundMirrors({
    sourceOf: address => ({ ...sourceOf(address), id: String((named += 1)) }),
    find: async function* (): AsyncGenerator<FoundMirror> {
      for (let each = 0; each < 100; each += 1) yield { address: addressOf(stranger), trust: 0 }
      isOver.resolve()
      throw new Error('the network is gone')
    }
  })
  const none = new FoundMirrors({ sourceOf, find: undefined })

  await Promise.all([mirrors.search(addressOf(site)), none.search(addressOf(site))])
  await isOver.promise
  t.is(mirrors.sources(addressOf(site)).length, 8)
  t.deepEqual(none.sources(addressOf(site)), [])
  mirrors.close()
})

test('mirrors that the publisher names are there at once, and the network is asked besides', async t => {
  let asked = 0
  const isOver = Promise.withResolvers<void>()
  const mirrors = new FoundMirrors({
    sourceOf,
    find: async function* (): AsyncGenerator<FoundMirror> {
      asked += 1
      yield { address: addressOf(stranger), trust: 0 }
      yield { address: addressOf(friend), trust: 2 }
      isOver.resolve()
    }
  })

  mirrors.learn(addressOf(site), [addressOf(stranger)])
  t.deepEqual(mirrors.addresses(addressOf(site)), [addressOf(stranger)])
  await mirrors.search(addressOf(site))
  await isOver.promise
  t.is(asked, 1)
  t.is(mirrors.addresses(addressOf(site)).length, 2)
  mirrors.close()
})

test('a mirror that announces itself is asked where its site is being read, until it says that it has ended', async t => {
  const mirrors = new FoundMirrors({ sourceOf, find: undefined })
  const [read, mirror] = [addressOf(site), addressOf(friend)]

  mirrors.hear(read, mirror, false)
  t.deepEqual(mirrors.addresses(read), [])

  await mirrors.search(read)
  mirrors.hear(read, mirror, false)
  mirrors.hear(read, mirror, false)
  t.deepEqual(mirrors.addresses(read), [mirror])

  mirrors.hear(read, addressOf(stranger), true)
  mirrors.hear(read, mirror, true)
  t.deepEqual(mirrors.addresses(read), [])
  mirrors.close()
})
