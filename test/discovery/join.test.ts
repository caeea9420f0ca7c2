import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { DiscoveryStore, parseSeed } from '../../discovery/index.ts'
import { Joiner, type JoinOptions } from '../../discovery/join/service.ts'
import { encodeSeedAnswer } from '../../discovery/seed-answer.ts'
import { openDatastore } from '../../overlay/index.ts'
import { FakeNetwork } from '../helpers/fake-network.ts'
import { newPerson, temporaryDirectory } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const DEAD = 'https://127.0.0.1:1'

// A26
test('of several seeds, some of them dead, the one that lives is joined', async t => {
  const { start, network, warned, joined } = await setUp(t, {
    seeds: [DEAD, '/ip4/192.0.2.2/tcp/2']
  })

  network.dialable = ([address]) => (address === '/ip4/192.0.2.2/tcp/2' ? 'alice' : undefined)
  start()
  t.is(await joined, '/ip4/192.0.2.2/tcp/2')
  t.is(await warned, `The seed ${DEAD} cannot be reached (ECONNREFUSED).`)
})

// A26
test('remembered peers are tried first, however many of them are dead, and no seed is asked', async t => {
  const { start, network, store, joined, joiner } = await setUp(t, { seeds: [DEAD] })

  await store.rememberPeers(
    Array.from({ length: 50 }, (_, index) => [`/ip4/192.0.2.1/tcp/${index}/p2p/peer${index}`])
  )
  network.dialable = ([address]) => (address?.endsWith('peer49') === true ? 'peer49' : undefined)
  start()
  t.is(await joined, 'a remembered peer')
  t.deepEqual(
    joiner.state.attempts.map(({ via, outcome }) => [via, outcome]),
    [['a remembered peer', 'ok']]
  )
})

test('with all seeds dead it is tried again, and a peer that appears is joined', async t => {
  const { start, network, joined, joiner } = await setUp(t, { seeds: ['/ip4/192.0.2.1/tcp/1'] })
  const second = Promise.withResolvers<void>()

  network.peers = 0
  network.dialable = () => {
    if (network.dials.length === 2) second.resolve()

    return undefined
  }
  start()
  await second.promise
  t.false(joiner.state.joined)
  network.connected = [{ peerId: 'bob', multiaddrs: ['/ip4/192.0.2.7/tcp/1'] }]
  network.peers = 1
  joiner.peerConnected()
  t.is(await joined, 'a connected peer')
})

test('a node joins once, however many connections come at once', async t => {
  const { start, network, joined, joiner, joins } = await setUp(t, {
    seeds: ['/ip4/1/a', '/ip4/1/b']
  })

  network.dialable = ([address]) => {
    joiner.peerConnected()

    return address
  }
  start()
  await joined
  for (let index = 0; index < 5; index += 1) joiner.peerConnected()
  await new Promise(resolve => setImmediate(resolve))
  t.is(joins.length, 1)
})

test('a peer that speaks no DHT does not keep a node from its seeds', async t => {
  const { start, network, joined } = await setUp(t, {
    seeds: ['/ip4/192.0.2.1/tcp/1'],
    settleTimeout: 20
  })

  network.peers = 0
  network.connected = [{ peerId: 'mute', multiaddrs: [] }]
  network.onSettle = async signal => {
    if (network.peers > 0) return
    await once(signal, 'abort')
    throw new Error('nobody')
  }
  network.dialable = () => 'alice'
  start()
  t.is(await joined, '/ip4/192.0.2.1/tcp/1')
})

// A26
test('an https seed is joined by what it tells, and its sample is kept', async t => {
  const origin = await serveSeed(t, Date.now())
  const { start, network, joined, records } = await setUp(t, { seeds: [origin] })

  network.keys.set('alice', alice.identity.libp2pKey.publicKey)
  network.dialable = ([address]) => (address === '/ip4/192.0.2.1/tcp/1' ? 'alice' : undefined)
  start()
  t.is(await joined, origin)
  t.deepEqual(records, [alice.identity.uuid, bob.identity.uuid])
})

test('somebody else at the addresses of a seed is not the seed', async t => {
  const origin = await serveSeed(t, Date.now())
  const { start, network, failed } = await setUp(t, { seeds: [origin] })

  network.dialable = () => 'mallory'
  start()
  t.regex(await failed, /mallory answers at the addresses of/)
})

test('a seed with another certificate than the pinned one is named in the warning', async t => {
  const origin = await serveSeed(t, Date.now())
  const { start, warned } = await setUp(t, { seeds: [`${origin}#${'ab'.repeat(32)}`] })

  start()
  t.regex(await warned, /shows another certificate than the one pinned/)
})

test('a clock that is wrong by a day is told', async t => {
  const origin = await serveSeed(t, Date.now() - 86_400_000)
  const { start, warned } = await setUp(t, { seeds: [origin] })

  start()
  t.regex(await warned, /differ by 24\.0 h/)
})

test('a node whose last peer goes looks for the network again', async t => {
  const { start, network, joined, joiner } = await setUp(t, { seeds: ['/ip4/192.0.2.1/tcp/1'] })
  const again = Promise.withResolvers<void>()

  network.dialable = () => {
    if (network.dials.length === 2) again.resolve()

    return 'alice'
  }
  start()
  await joined
  network.connected = []
  joiner.peerGone()
  await again.promise
  t.pass()
})

test('the peers that are connected are remembered, the newest first', async t => {
  const { start, network, store, joined } = await setUp(t, { seeds: ['/ip4/192.0.2.1/tcp/1'] })
  const written = Promise.withResolvers<void>()
  const write = store.rememberPeers.bind(store)

  await store.rememberPeers([['/ip4/192.0.2.9/tcp/1/p2p/old']])
  store.rememberPeers = async peers => {
    await write(peers)
    written.resolve()
  }
  network.dialable = ([address]) => (address?.includes('192.0.2.1/') === true ? 'alice' : undefined)
  start()
  await joined
  await written.promise
  t.deepEqual(await store.rememberedPeers(), [
    ['/ip4/192.0.2.1/tcp/1/p2p/alice'],
    ['/ip4/192.0.2.9/tcp/1/p2p/old']
  ])
})

test('a node that is stopped while it joins says nothing more', async t => {
  const { start, network, joiner, warnings, close } = await setUp(t, { seeds: ['/ip4/1/a'] })

  network.dialable = () => {
    joiner.stop()

    return undefined
  }
  start()
  while (network.dials.length === 0) await new Promise(resolve => setImmediate(resolve))
  joiner.peerConnected()
  joiner.peerGone()
  await close()
  await new Promise(resolve => setImmediate(resolve))
  t.deepEqual(warnings, [])
})

interface SetUpOptions extends Partial<Omit<JoinOptions, 'seeds'>> {
  readonly seeds: readonly string[]
}

interface SetUp {
  readonly joiner: Joiner
  readonly network: FakeNetwork
  readonly store: DiscoveryStore
  readonly start: () => void
  readonly close: () => Promise<void>
  readonly joins: readonly string[]
  readonly warnings: readonly string[]
  /** UUIDs that a seed told of. */
  readonly records: readonly string[]
  readonly joined: Promise<string>
  readonly warned: Promise<string>
  /** What the first attempt that failed says. */
  readonly failed: Promise<string>
}

async function setUp(t: ExecutionContext, { seeds, ...options }: SetUpOptions): Promise<SetUp> {
  const datastore = await openDatastore(await temporaryDirectory(t))
  const store = new DiscoveryStore(datastore)
  const network = new FakeNetwork()
  const [joins, warnings, records]: [string[], string[], string[]] = [[], [], []]
  const [joined, warned, failed] = [
    Promise.withResolvers<string>(),
    Promise.withResolvers<string>(),
    Promise.withResolvers<string>()
  ]
  const joiner = new Joiner({
    network,
    store,
    seeds: seeds.map(parseSeed),
    onJoined: via => {
      joins.push(via)
      joined.resolve(via)
    },
    onWarning: warning => {
      warnings.push(warning)
      warned.resolve(warning)
    },
    onRecords: told => records.push(...told.map(({ uuid }) => uuid)),
    seedTimeout: 2000,
    ...options
  })
  // Joining keeps no process alive; a node has sockets that do.
  const socket = setInterval(() => {
    const attempt = joiner.state.attempts.find(({ outcome }) => outcome === 'failed')

    if (attempt != null) failed.resolve(attempt.detail)
  }, 20)
  const close = async (): Promise<void> => datastore.close()

  t.teardown(async () => {
    clearInterval(socket)
    joiner.stop()
    await close()
  })

  return {
    joiner,
    network,
    store,
    start: () => joiner.start(),
    close,
    joins,
    warnings,
    records,
    joined: joined.promise,
    warned: warned.promise,
    failed: failed.promise
  }
}

/** Alice's node as an https seed, which knows Bob's. */
async function serveSeed(t: ExecutionContext, time: number): Promise<string> {
  const own = recordOf(alice, { multiaddrs: ['/ip4/192.0.2.1/tcp/1'] })
  const other = recordOf(bob, { multiaddrs: ['/ip4/192.0.2.2/tcp/1'] })
  const server = createServer(alice.identity.tls, (_, response) => {
    response.end(encodeSeedAnswer(own.bytes, [other.bytes], time))
  })

  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
