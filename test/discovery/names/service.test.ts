import test, { type ExecutionContext } from 'ava'
import { AmbiguousNameError, NameNotFoundError } from '../../../discovery/index.ts'
import { NameKeeper } from '../../../discovery/names/service.ts'
import { addressFingerprint, formatAddress, parseUuid } from '../../../identity/index.ts'
import type { FullAddress } from '../../../identity/index.ts'
import { encodeNames } from '../../../identity/names/index.ts'
import { openDatastore } from '../../../overlay/index.ts'
import { temporaryDirectory } from '../../helpers/identities.ts'

const [alice, bob, carol, blog] = [1, 2, 3, 4].map(party) as [
  FullAddress,
  FullAddress,
  FullAddress,
  FullAddress
]

function party(number: number): FullAddress {
  return {
    uuid: parseUuid(`0000000${number}-0000-1000-8000-000000000000`),
    fp: addressFingerprint(new Uint8Array(32).fill(number))
  }
}

interface SetUp {
  readonly keeper: NameKeeper
  /** What each publishes; who is not there is away. */
  readonly published: Map<string, Map<string, FullAddress>>
  readonly asked: string[]
}

async function setUp(t: ExecutionContext, friends: readonly FullAddress[] = []): Promise<SetUp> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const published = new Map<string, Map<string, FullAddress>>()
  const asked: string[] = []
  const keeper = new NameKeeper({
    datastore,
    friends: () => friends.map(formatAddress),
    fetch: async friend => {
      const book = published.get(formatAddress(friend))

      asked.push(formatAddress(friend))
      if (book == null) throw new Error('connection refused')

      return encodeNames(book)
    }
  })

  t.teardown(async () => datastore.close())
  await keeper.open()

  return { keeper, published, asked }
}

// A43
test('one’s own name comes first, and nobody is asked', async t => {
  const { keeper, published, asked } = await setUp(t, [bob])

  published.set(formatAddress(bob), new Map([['alice', carol]]))
  await keeper.set('own', 'Alice', alice)

  const { address, steps } = await keeper.resolve('alice')

  t.deepEqual(address, alice)
  t.deepEqual(steps[0]?.by, ['own'])
  t.deepEqual(asked, [])
})

test('a name leads on through what the node before publishes', async t => {
  const { keeper, published } = await setUp(t)

  published.set(formatAddress(alice), new Map([['bob', bob]]))
  published.set(formatAddress(bob), new Map([['blog', blog]]))
  await keeper.set('own', 'alice', alice)

  const named = await keeper.resolve('blog.bob.alice')

  t.deepEqual(named.address, blog)
  t.is(named.name, 'alice/bob/blog')
  t.deepEqual(
    named.steps.map(({ by }) => by),
    [['own'], [formatAddress(alice)], [formatAddress(bob)]]
  )
})

test('an unknown name is what friends mean by it, and they are named', async t => {
  const { keeper, published } = await setUp(t, [alice, bob])

  published.set(formatAddress(alice), new Map([['blog', blog]]))
  published.set(formatAddress(bob), new Map([['blog', blog]]))

  const { address, steps } = await keeper.resolve('blog')

  t.deepEqual(address, blog)
  t.deepEqual(steps[0]?.by, [formatAddress(alice), formatAddress(bob)])
})

test('where friends mean different nodes nobody is guessed at', async t => {
  const { keeper, published } = await setUp(t, [alice, bob])

  published.set(formatAddress(alice), new Map([['blog', blog]]))
  published.set(formatAddress(bob), new Map([['blog', carol]]))

  const error = await t.throwsAsync(keeper.resolve('blog'), { instanceOf: AmbiguousNameError })

  t.deepEqual(
    new Set(error?.meanings.map(({ address }) => address)),
    new Set([formatAddress(blog), formatAddress(carol)])
  )
})

test('a name that nobody gives is not found', async t => {
  const { keeper, published } = await setUp(t, [alice])

  published.set(formatAddress(alice), new Map())
  await keeper.set('own', 'alice', alice)

  await t.throwsAsync(keeper.resolve('nobody'), { instanceOf: NameNotFoundError })
  await t.throwsAsync(keeper.resolve('nothing.alice'), { instanceOf: NameNotFoundError })
})

test('what somebody published counts while they are away, and is marked so', async t => {
  const directory = await temporaryDirectory(t)
  const datastore = await openDatastore(directory)
  let isAway = false
  const options = {
    datastore,
    friends: () => [],
    fetch: async () => {
      if (isAway) throw new Error('connection refused')

      return encodeNames(new Map([['blog', blog]]))
    }
  }
  const before = new NameKeeper(options)

  await before.open()
  await before.set('own', 'alice', alice)
  t.false((await before.resolve('blog.alice')).steps[1]?.stale)

  isAway = true

  const after = new NameKeeper(options)

  await after.open()
  t.like(await after.resolve('blog.alice'), { address: blog, steps: { 1: { stale: true } } })
  await datastore.close()
})

test('a node that publishes a list of rubbish publishes nothing', async t => {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const keeper = new NameKeeper({
    datastore,
    friends: () => [formatAddress(alice)],
    fetch: async () => new Uint8Array([1, 2, 3])
  })

  t.teardown(async () => datastore.close())
  await keeper.open()
  await t.throwsAsync(keeper.resolve('blog'), { instanceOf: NameNotFoundError })
})
