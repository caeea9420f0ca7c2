/** Real nodes on loopback, for tests of the whole: identity, discovery, overlay and gateway as people run them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventRecord } from '../../demo/event-record.ts'
import { parseUuid } from '../../identity/index.ts'
import {
  createIdentity,
  createLogger,
  createNode,
  loadConfiguration,
  openIdentity,
  type PlexnetNode,
  type ReadyEvent
} from '../../node.ts'

export const PASSPHRASE = 'correct horse battery staple'

/** Of `t`, or of whatever ends with a whole test file. */
export interface Teardown {
  teardown(act: () => Promise<void>): void
}

export interface TestNodeOptions {
  readonly seeds?: readonly string[] | undefined
  /** Configuration by dotted key, such as `'discovery.record_lifetime'`. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined
  /** Of a node that ran before; a new temporary one otherwise. */
  readonly home?: string | undefined
  /** UUID of the identity where a new one is made (A19). */
  readonly uuid?: string | undefined
  /** Starts without its passphrase. */
  readonly locked?: boolean | undefined
}

/** A node in this process that serves, and joins or has joined. */
export interface TestNode {
  readonly node: PlexnetNode
  readonly ready: ReadyEvent
  /** PLEXNET_HOME: all that it keeps is below, and stays when it is stopped. */
  readonly home: string
  /** `http://127.0.0.1:PORT`. */
  readonly gateway: string
  /** Its own site at anybody's gateway: the Host field, without a port. */
  readonly host: string
  /** What it has told since its start. */
  readonly events: EventRecord['all']
  /** Resolves with the first event of a kind that `matches`, past ones included. */
  readonly event: EventRecord['first']
  stop(): Promise<void>
}

export interface Testnet<Size extends number> {
  /** The node that all others joined through. */
  readonly seed: TestNode
  readonly nodes: Nodes<Size>
  /** Where further nodes join: the seed's https address, its certificate pinned. */
  readonly seedUrl: string
}

/** So many nodes, so that each can be given a name without a question whether it is there. */
type Nodes<Size extends number, Counted extends TestNode[] = []> = number extends Size
  ? TestNode[]
  : Counted['length'] extends Size
    ? Counted
    : Nodes<Size, [...Counted, TestNode]>

export interface TestnetOptions {
  /** Configuration of every node, the seed included. */
  readonly flags?: TestNodeOptions['flags']
}

/**
 * A seed and `size` nodes that joined through it, each with an identity, a home and ports of its own.
 *
 * Resolves when all have joined and can be found; all end with the test, their homes removed.
 *
 *     const { nodes: [alice, bob] } = await startTestnet(t, 2)
 *     await alice.node.publish(folder)
 *     await ask(bob.gateway, '/', { host: alice.host })
 */
export async function startTestnet<Size extends number>(
  t: Teardown,
  size: Size,
  options: TestnetOptions = {}
): Promise<Testnet<Size>> {
  const seed = await startTestNode(t, options)
  const seedUrl = await seedUrlOf(seed)
  const nodes = await Promise.all(
    Array.from({ length: size }, async () => startTestNode(t, { ...options, seeds: [seedUrl] }))
  )

  // A seed that is alone has nobody to be found by.
  await Promise.all([...(size === 0 ? [] : [seed]), ...nodes].map(untilFound))

  return { seed, nodes: nodes as Nodes<Size>, seedUrl }
}

/** Starts one node; it serves when this resolves. It ends with the test, or before. */
export async function startTestNode(t: Teardown, options: TestNodeOptions = {}): Promise<TestNode> {
  const { seeds = [], flags = {}, locked = false } = options
  const home = options.home ?? (await prepareHome(t, options.uuid))
  const { configuration, directories } = loadTestConfiguration(home, {
    'node.local_only': true,
    'gateway.http_port': 0,
    'gateway.https_port': 0,
    'overlay.p2p_port': 0,
    'discovery.seeds': seeds,
    ...flags
  })
  const node = await createNode({
    configuration,
    directories,
    logger: createLogger({ level: 'silent' }),
    passphrase: locked ? undefined : PASSPHRASE
  })
  const record = new EventRecord()
  const stop = once(async () => node.stop())

  for (const name of [
    'joined',
    'published',
    'renewed',
    'signed',
    'heard',
    'announced',
    'warning'
  ] as const) {
    node.on(name, event => record.add(event))
  }
  t.teardown(stop)

  const ready = await node.start()

  return {
    node,
    ready,
    home,
    gateway: ready.http.find(url => url.includes('127.0.0.1')) ?? '',
    host: `${ready.address.replace('.', '-')}.localhost`,
    events: record.all,
    event: async (name, matches) => record.first(name, matches),
    stop
  }
}

/** A new PLEXNET_HOME with an identity in it; it is removed with the test. */
export async function prepareHome(t: Teardown, uuid?: string): Promise<string> {
  const home = await temporaryFolder(t)
  const { directories } = loadTestConfiguration(home, {})

  await createIdentity(directories.identity, {
    passphrase: PASSPHRASE,
    privateId: true,
    // What protects a key on disk would cost each test half a second.
    kdfIterations: 1,
    uuid: uuid == null ? undefined : parseUuid(uuid)
  })

  return home
}

/** The identity that lies below a PLEXNET_HOME. */
export async function identityIn(home: string): ReturnType<typeof openIdentity> {
  return openIdentity(loadTestConfiguration(home, {}).directories.identity)
}

export async function temporaryFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-testnet-'))

  t.teardown(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  return folder
}

/** Resolves when a node has joined and its record is in the network. */
export async function untilFound(node: Pick<TestNode, 'event'>): Promise<void> {
  await Promise.all([node.event('joined'), node.event('renewed', ({ what }) => what === 'record')])
}

export async function seedUrlOf({ node }: TestNode): Promise<string> {
  const { urls } = await node.seed()

  return urls[0] ?? ''
}

function loadTestConfiguration(
  home: string,
  flags: Readonly<Record<string, unknown>>
): ReturnType<typeof loadConfiguration> {
  return loadConfiguration({ env: {}, home, flags })
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined

  return async () => (done ??= act())
}
