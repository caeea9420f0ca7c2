import test, { type ExecutionContext } from 'ava'
import {
  AmbiguousNameError,
  InvalidNameListError,
  NameNotFoundError,
  openNameHead
} from '../../../discovery/index.ts'
import { openNameList, signNameList } from '../../../discovery/names/list.ts'
import { NameKeeper, type NameKeeperOptions } from '../../../discovery/names/service.ts'
import {
  addressFingerprint,
  ed25519Signer,
  formatAddress,
  parseUuid,
  type FullAddress
} from '../../../identity/index.ts'
import type { NameBook } from '../../../identity/names/index.ts'
import { openDatastore } from '../../../overlay/index.ts'
import { newPerson, temporaryDirectory, type Person } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'

const people = await Promise.all([newPerson(), newPerson(), newPerson(), newPerson()])
const [self] = people
const [alice, bob, carol] = people.slice(1).map(({ identity }) => identity.address) as [
  FullAddress,
  FullAddress,
  FullAddress
]
const blog = party(4)

function party(number: number): FullAddress {
  return {
    uuid: parseUuid(`0000000${number}-0000-1000-8000-000000000000`),
    fp: addressFingerprint(new Uint8Array(32).fill(number))
  }
}

/** What a node says of itself as a keeper of names. */
function selfOf(person: Person): NameKeeperOptions['self'] {
  const { bytes } = recordOf(person)

  return {
    uuid: person.identity.uuid,
    sign: ed25519Signer(person.identity.libp2pKey.seed),
    record: () => bytes
  }
}

/** The list of one of the people, as it signs it. */
function listOf(address: FullAddress, book: NameBook, seq = 1): ReturnType<typeof signNameList> {
  const person = people.find(({ identity }) => identity.address.fp === address.fp)

  if (person == null) throw new RangeError('there is nobody with this address')

  const { uuid, sign, record } = selfOf(person)

  return signNameList(book, {
    uuid,
    sign,
    node: record() ?? new Uint8Array(),
    seq,
    now: Date.now()
  })
}

/** What the keeper of `self` serves to others. */
function documentOf(keeper: NameKeeper): ReturnType<typeof openNameList> {
  return openNameList(keeper.document() ?? new Uint8Array(), {
    address: self.identity.address,
    now: Date.now()
  })
}

const alone: Omit<NameKeeperOptions, 'datastore'> = {
  self: selfOf(self),
  friends: () => [],
  fetch: async () => Promise.reject(new Error('connection refused')),
  fetchCopy: async () => Promise.reject(new Error('connection refused')),
  isOpen: () => false
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
    ...alone,
    datastore,
    friends: () => friends.map(formatAddress),
    fetch: async friend => {
      const book = published.get(formatAddress(friend))

      asked.push(formatAddress(friend))
      if (book == null) throw new Error('connection refused')

      return listOf(friend, book).bytes
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
    ...alone,
    datastore,
    fetch: async () => {
      if (isAway) throw new Error('connection refused')

      return listOf(alice, new Map([['blog', blog]])).bytes
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
    ...alone,
    datastore,
    friends: () => [formatAddress(alice)],
    fetch: async () => new Uint8Array([1, 2, 3])
  })

  t.teardown(async () => datastore.close())
  await keeper.open()
  await t.throwsAsync(keeper.resolve('blog'), { instanceOf: NameNotFoundError })
})

test('the newer list wins wherever it comes from, and an older one that is replayed does not', async t => {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const old = listOf(alice, new Map([['blog', carol]]), 1)
  const current = listOf(alice, new Map([['blog', blog]]), 2)
  let served: Uint8Array = current.bytes
  const options = { ...alone, datastore, fetch: async () => served }
  const before = new NameKeeper(options)

  t.teardown(async () => datastore.close())
  await before.open()
  await before.set('own', 'alice', alice)
  t.deepEqual((await before.resolve('blog.alice')).address, blog)

  served = old.bytes

  const after = new NameKeeper(options)

  await after.open()
  t.deepEqual((await after.resolve('blog.alice')).address, blog)
})

// A28, A43
test('a list that is announced as newer is read again, and that of a stranger is not', async t => {
  const { keeper, published, asked } = await setUp(t)

  published.set(formatAddress(alice), new Map([['blog', carol]]))
  published.set(formatAddress(bob), new Map())
  await keeper.set('own', 'alice', alice)
  t.deepEqual((await keeper.resolve('blog.alice')).address, carol)

  published.set(formatAddress(alice), new Map([['blog', blog]]))
  // In memory still.
  t.deepEqual((await keeper.resolve('blog.alice')).address, carol)
  await keeper.hear(listOf(alice, new Map([['blog', blog]]), 2).head)
  t.deepEqual(asked, [formatAddress(alice), formatAddress(alice)])
  t.deepEqual((await keeper.resolve('blog.alice')).address, blog)

  await keeper.hear(listOf(bob, new Map(), 2).head)
  t.is(asked.length, 2)
  await t.throwsAsync(keeper.hear(new Uint8Array(10)), { instanceOf: InvalidNameListError })
})

test('of a node that is away friends tell what it published, and nobody can put words in its mouth', async t => {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const copies = new Map([
    [formatAddress(bob), listOf(alice, new Map([['blog', blog]])).bytes],
    // What carol says of herself is not what alice says.
    [formatAddress(carol), listOf(carol, new Map([['blog', carol]]), 9).bytes]
  ])
  const keeper = new NameKeeper({
    ...alone,
    datastore,
    friends: () => [bob, carol, alice].map(formatAddress),
    fetchCopy: async friend => copies.get(formatAddress(friend)) ?? new Uint8Array()
  })

  t.teardown(async () => datastore.close())
  await keeper.open()
  await keeper.set('own', 'alice', alice)
  t.like(await keeper.resolve('blog.alice'), { address: blog, steps: { 1: { stale: true } } })
})

test('what is published is signed, numbered upwards, announced, and kept', async t => {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const heads: Uint8Array[] = []
  const options = {
    ...alone,
    datastore,
    onPublished: (head: Uint8Array) => void heads.push(head)
  }
  const before = new NameKeeper(options)

  t.teardown(async () => datastore.close())
  await before.open()
  await before.set('own', 'secret', carol)
  t.is(heads.length, 0)
  await before.set('published', 'blog', blog)
  await before.set('published', 'alice', alice)

  const seqs = heads.map(head => openNameHead(head, Date.now()).seq)

  t.is(seqs.length, 2)
  t.deepEqual(
    seqs,
    [...new Set(seqs)].toSorted((a, b) => a - b)
  )
  t.deepEqual([...documentOf(before).book.keys()], ['blog', 'alice'])

  const after = new NameKeeper(options)

  await after.open()
  t.is(documentOf(after).seq, seqs.at(-1) ?? 0)
  t.is(
    new NameKeeper({ ...options, self: { ...alone.self, record: () => undefined } }).document(),
    undefined
  )
})

test('what a node keeps of others it tells only where it says openly that it knows them', async t => {
  const datastore = await openDatastore(await temporaryDirectory(t))
  let isOpen = false
  const keeper = new NameKeeper({
    ...alone,
    datastore,
    isOpen: () => isOpen,
    fetch: async () => listOf(alice, new Map([['blog', blog]])).bytes
  })

  t.teardown(async () => datastore.close())
  await keeper.open()
  await keeper.set('own', 'alice', alice)
  await keeper.resolve('blog.alice')
  t.is(await keeper.copyOf(alice), undefined)
  isOpen = true
  t.true((await keeper.copyOf(alice)) instanceof Uint8Array)
  t.is(await keeper.copyOf(bob), undefined)
})
