import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import {
  Discovery,
  DiscoveryStore,
  parseSeed,
  selectNewest,
  validateForStorage
} from '../../discovery/index.ts'
import { openDatastore, Overlay } from '../../overlay/index.ts'
import { newPerson, temporaryDirectory, type Person, type Teardown } from './identities.ts'

export interface TestNodeOptions {
  readonly person?: Person
  /** Of a node that ran before; a new temporary one otherwise. */
  readonly directory?: string
  /** As an operator writes them. */
  readonly seeds?: readonly string[]
  readonly listen?: readonly string[]
  /** Starts without its passphrase. */
  readonly locked?: boolean
  readonly mdns?: boolean
  readonly onHttp?: (socket: Duplex) => void
}

/** A real overlay with discovery above it, on loopback. */
export interface TestNode {
  readonly person: Person
  readonly directory: string
  readonly overlay: Overlay
  readonly discovery: Discovery
  readonly store: DiscoveryStore
  readonly warnings: readonly string[]
  /** How often `onJoined` was called. */
  readonly joins: readonly string[]
  /** What the node first joined through. */
  readonly joined: Promise<string>
  /** How many peers took the first announcement. */
  readonly announced: Promise<number>
  stop(): Promise<void>
}

/** Starts one node; it ends with the test, or before. */
export async function startNode(t: Teardown, options: TestNodeOptions = {}): Promise<TestNode> {
  const { person = await newPerson(), directory = await temporaryDirectory(t) } = options
  const joined = Promise.withResolvers<string>()
  const announced = Promise.withResolvers<number>()
  const [warnings, joins]: [string[], string[]] = [[], []]
  const datastore = await openDatastore(join(directory, 'datastore'))
  const store = new DiscoveryStore(datastore)

  await store.open(Date.now())

  const overlay = new Overlay({
    key: person.identity.libp2pKey,
    datastore,
    listen: options.listen ?? ['/ip4/127.0.0.1/tcp/0'],
    maxConnections: 300,
    // A busy machine must not turn an answer into a walk.
    nearbyTimeout: 10_000,
    mdns: options.mdns ?? false,
    validate: async (key, value) => validateForStorage(store, key, value),
    select: selectNewest,
    ownRecord: () => discovery.ownRecord?.bytes,
    onHttp: options.onHttp ?? (socket => socket.destroy()),
    onPeer: peer => discovery.peerConnected(peer),
    onPeerGone: peerId => discovery.peerGone(peerId),
    onAddresses: () => void discovery.reachabilityChanged()
  })
  const discovery = new Discovery({
    identity: person.identity,
    store,
    network: overlay,
    seeds: (options.seeds ?? []).map(parseSeed),
    reachability: () => ({ multiaddrs: overlay.multiaddrs, endpoints: ['https://127.0.0.1:9010'] }),
    lifetime: 3_600_000,
    interval: 1_800_000,
    onJoined: via => {
      joins.push(via)
      joined.resolve(via)
    },
    onAnnounced: stored => announced.resolve(stored),
    onWarning: warning => warnings.push(warning)
  })
  const stop = once(async () => {
    discovery.stop()
    await overlay.stop()
    await datastore.close()
  })

  t.teardown(stop)
  await overlay.start()
  await discovery.open()
  if (options.locked !== true) await discovery.unlock(person.authority)
  discovery.start()

  return {
    person,
    directory,
    overlay,
    discovery,
    store,
    warnings,
    joins,
    joined: joined.promise,
    announced: announced.promise,
    stop
  }
}

export interface TestNetwork {
  readonly seed: TestNode
  readonly nodes: readonly TestNode[]
}

/** Starts a seed and `size` nodes that all join through it, and waits until each can be found. */
export async function startNetwork(t: Teardown, size: number): Promise<TestNetwork> {
  const [seed, ...others] = await newPeople(size + 1)
  const seedNode = await startNode(t, seed == null ? {} : { person: seed })
  const seeds = seedNode.overlay.multiaddrs
  const nodes = await Promise.all(others.map(async person => startNode(t, { person, seeds })))

  await Promise.all(nodes.map(async node => node.announced))

  return { seed: seedNode, nodes }
}

/** Several new identities; each takes a few tenths of a second of processor time. */
export async function newPeople(count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, async () => newPerson()))
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined

  return async () => (done ??= act())
}
