/** A process that holds several nodes, or peers that flood them: its parent talks to it by messages. */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseFullAddress, parseUuid } from '../../identity/index.ts'
import { encodeTrustDocument, signTrustStatement } from '../../identity/trust/index.ts'
import { encodeAnnouncement } from '../../overlay/announcements/announcement.ts'
import {
  ANNOUNCEMENT_TOPIC,
  type AnnouncementsOptions
} from '../../overlay/announcements/service.ts'
import { createHost } from '../../overlay/host/service.ts'
import { readMultiaddrs } from '../../overlay/multiaddrs/service.ts'
import { openDatastore } from '../../overlay/store.ts'
import { newPerson } from '../helpers/identities.ts'
import {
  startTestNode,
  temporaryFolder,
  untilFound,
  type Teardown,
  type TestNode
} from '../helpers/testnet.ts'

export type Order =
  | { readonly do: 'start'; readonly count: number; readonly seeds: readonly string[] }
  /** Says that each of the parties is trusted, one node after the other as the lists are. */
  | { readonly do: 'trust'; readonly parties: readonly (readonly string[])[] }
  /** Asks all who are accepted what they say. */
  | { readonly do: 'refresh' }
  /** Waits until each node is connected to the parties of its list. */
  | { readonly do: 'meet'; readonly parties: readonly (readonly string[])[] }
  /** Announces something new from one node. */
  | { readonly do: 'announce'; readonly node: number; readonly subject: string }
  | { readonly do: 'flood'; readonly count: number; readonly multiaddrs: readonly string[] }

export type Report =
  | {
      readonly kind: 'started'
      readonly addresses: readonly string[]
      readonly multiaddrs: readonly string[]
    }
  | { readonly kind: 'done' }
  /** `at` in ms since the epoch, by the one clock of this machine. */
  | { readonly kind: 'heard'; readonly origin: string; readonly seq: number; readonly at: number }
  | { readonly kind: 'said'; readonly origin: string; readonly seq: number; readonly at: number }
  | { readonly kind: 'memory'; readonly rss: number }

const YEAR = 365 * 24 * 3_600_000

/** How long nodes have to meet their friends, in ms. */
const MEETING = 30_000

/** How often it is looked who is connected, in ms. */
const LOOK = 200

/** Different news that a flooder has ready: signing them takes longer than sending. */
const PREPARED = 300

/** Between two messages of a flooder, in ms: it sends as many as its own process can at each. */
const FLOOD_PAUSE = 5
const FLOOD_AT_ONCE = 10

/** Who is disconnected comes back after so long, in ms. */
const RECONNECT = 2000

const LOWEST_PRIORITY = 19

const ending = new AsyncDisposableStack()
const teardown: Teardown = { teardown: act => ending.defer(act) }
const nodes: TestNode[] = []

function report(what: Report): void {
  // Its parent may be gone while it ends.
  if (process.connected) process.send?.(what)
}

async function start(count: number, seeds: readonly string[]): Promise<void> {
  const started = await Promise.all(
    Array.from({ length: count }, async () =>
      startTestNode(teardown, { seeds, flags: { 'overlay.mdns': false } })
    )
  )

  for (const node of started) {
    node.node.on('heard', ({ origin, seq }) => {
      report({ kind: 'heard', origin, seq, at: Date.now() })
    })
    nodes.push(node)
  }

  // A seed that is alone has nobody to be found by.
  if (seeds.length > 0) await Promise.all(nodes.map(untilFound))
  report({
    kind: 'started',
    addresses: nodes.map(({ ready }) => ready.address),
    multiaddrs: nodes.flatMap(({ ready }) => ready.p2p.filter(each => each.startsWith('/ip4/127')))
  })
}

async function trust(parties: readonly (readonly string[])[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    for (const address of parties[index] ?? []) {
      await node.node.trust.add(trustIn(address))
    }
  }
}

async function refresh(): Promise<void> {
  for (const node of nodes) await node.node.trust.refresh()
}

/** After a while it goes on without those who are missing: news reach them by others. */
async function meet(parties: readonly (readonly string[])[]): Promise<void> {
  const end = Date.now() + MEETING
  let missed = 0

  for (const [index, node] of nodes.entries()) {
    const missing = new Set(parties[index]?.map(address => parseFullAddress(address).uuid))

    for (;;) {
      for (const { uuid } of await node.node.peers()) {
        if (uuid != null) missing.delete(parseUuid(uuid))
      }
      if (missing.size === 0 || Date.now() > end) break
      await delay(LOOK)
    }
    missed += missing.size
  }
  if (missed > 0) console.log(`${missed} friends are not connected`)
}

function trustIn(address: string): Parameters<TestNode['node']['trust']['add']>[0] {
  return { address, domains: ['identify'], level: 2, lifetime: YEAR, isPrivate: false }
}

async function announce(index: number, subject: string): Promise<void> {
  const node = nodes[index]

  if (node == null) throw new RangeError(`There is no node ${index}`)

  const at = Date.now()
  const [said] = await node.node.trust.add({ ...trustIn(subject), domains: ['relay'] })

  report({ kind: 'said', origin: node.ready.address, seq: said?.issued ?? at, at })
}

/** Strangers with valid news of their own, who send them to all as fast as this process can. */
async function flood(count: number, multiaddrs: readonly string[]): Promise<void> {
  // Flooders have machines of their own: what theirs cost is not to be taken from the nodes that are measured.
  setPriority(LOWEST_PRIORITY)

  for (let index = 0; index < count; index++) {
    const person = await newPerson()
    const { publicKey, seed } = person.identity.libp2pKey
    const silent: AnnouncementsOptions = {
      partyOf: () => undefined,
      distanceTo: () => undefined,
      onNews: () => undefined
    }
    const host = await createHost({
      key: { publicKey, seed },
      datastore: await openDatastore(join(await temporaryFolder(teardown), 'datastore')),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      maxConnections: 100,
      mdns: false,
      announcements: silent,
      validate: async () => undefined,
      select: () => 0
    })
    const news = Array.from({ length: PREPARED }, (_, seq) =>
      encodeAnnouncement(
        'trust',
        encodeTrustDocument({
          certificate: person.identity.certificate,
          statements: [
            signTrustStatement(
              {
                issuer: person.identity.address,
                subject: { uuid: person.identity.uuid, fp: rotated(person.identity.address.fp) },
                domain: 'identify',
                level: 1,
                seq: Date.now() + seq,
                issued: Date.now(),
                expires: Date.now() + YEAR
              },
              message => person.authority.sign(message)
            )
          ]
        })
      )
    )
    const { pubsub } = host.services

    await host.start()
    pubsub?.subscribe(ANNOUNCEMENT_TOPIC)

    const connect = async (): Promise<void> => {
      for (const multiaddr of multiaddrs) {
        await host.dial(readMultiaddrs([multiaddr])).catch(() => undefined)
      }
    }

    await connect()

    let sent = 0
    const again = setInterval(() => void connect(), RECONNECT)
    const timer = setInterval(() => {
      for (let each = 0; each < FLOOD_AT_ONCE; each++) {
        const bytes = Uint8Array.from(news[sent++ % PREPARED] ?? [])

        // Every other one is rubbish.
        if (sent % 2 === 0) bytes[bytes.length - 1]! ^= 1 + (sent % 255)
        pubsub?.publish(ANNOUNCEMENT_TOPIC, bytes).catch(() => undefined)
      }
    }, FLOOD_PAUSE)

    ending.defer(async () => {
      clearInterval(timer)
      clearInterval(again)
      await host.stop()
    })
  }
}

function rotated<T extends string>(text: T): T {
  return `${text.slice(1)}${text.slice(0, 1)}` as T
}

async function carryOut(order: Order): Promise<void> {
  switch (order.do) {
    case 'start':
      await start(order.count, order.seeds)
      break
    case 'trust':
      await trust(order.parties)
      break
    case 'refresh':
      await refresh()
      break
    case 'meet':
      await meet(order.parties)
      break
    case 'announce':
      await announce(order.node, order.subject)
      break
    case 'flood':
      await flood(order.count, order.multiaddrs)
  }
  report({ kind: 'done' })
}

let turn = Promise.resolve()

process.on('message', (order: Order) => {
  turn = turn
    .then(async () => carryOut(order))
    .catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
})
setInterval(() => report({ kind: 'memory', rss: process.memoryUsage().rss }), 1000).unref()

await once(process, 'disconnect')
setTimeout(() => process.exit(0), 5000).unref()
await ending.disposeAsync()
process.exit(0)
