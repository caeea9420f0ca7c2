import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { startNodeProcess, type NodeProcess } from '../../demo/node-process.ts'
import { DiscoveryStore } from '../../discovery/index.ts'
import { Lookup } from '../../discovery/lookup/service.ts'
import type { SeedCard } from '../../http-gateway/index.ts'
import { createIdentity, parseAddress, type NodeAddress } from '../../identity/index.ts'
import { loadConfiguration } from '../../node.ts'
import { startNetwork } from '../../node/network.ts'
import { openDatastore } from '../../overlay/index.ts'
import { median, percentile } from './load.ts'
import type { Row } from './table.ts'

const PASSPHRASE = 'bench'
const CACHED_LOOKUPS = 1000

/** Until the announcements of nodes that have just joined are over, in ms: a network has other things to do than join. */
const QUIET_AFTER = 35_000

/** Lookups in a network of real nodes, each a process: from the cache, and by a walk through the DHT. */
export async function measureLookup(home: string, nodes: number): Promise<Row[]> {
  const network: NodeProcess[] = []

  try {
    network.push(await startNodeProcess({ home: `${home}-seed`, passphrase: PASSPHRASE }))

    const [seed = ''] = (await network[0]!.ask<SeedCard>('seed')).urls

    for (let index = 1; index < nodes; index += 1) {
      const node = await startNodeProcess({
        home: `${home}-${index}`,
        passphrase: PASSPHRASE,
        seeds: [seed]
      })

      await node.event('joined')
      network.push(node)
    }

    return await measureFrom(
      home,
      seed,
      network.map(({ ready }) => parseAddress(ready.address))
    )
  } finally {
    await Promise.all(network.map(async node => node.stop()))
  }
}

async function measureFrom(home: string, seed: string, addresses: NodeAddress[]): Promise<Row[]> {
  const joined = Promise.withResolvers<void>()
  const { configuration } = loadConfiguration({
    env: {},
    home,
    flags: { 'node.local_only': true, 'overlay.p2p_port': 0, 'discovery.seeds': [seed] }
  })

  await mkdir(home, { recursive: true })

  const network = await startNetwork({
    configuration,
    identity: await createIdentity(`${home}/identity`, { passphrase: PASSPHRASE }),
    data: home,
    unlocked: undefined,
    capabilities: () => [],
    reachability: multiaddrs => ({ multiaddrs, endpoints: [] }),
    fetchTrust: async () => Promise.reject(new Error('nobody is asked')),
    fetchNames: async () => Promise.reject(new Error('nobody is asked')),
    fetchNamesOf: async () => Promise.reject(new Error('nobody is asked')),
    fetchClaims: async () => Promise.reject(new Error('nobody is asked')),
    onNews: () => undefined,
    onHttp: socket => void socket.destroy(),
    onJoined: () => joined.resolve(),
    onEnd: () => undefined,
    onAnnounced: () => undefined,
    onWarning: message => console.error(message)
  })

  const { overlay, discovery } = network

  try {
    await joined.promise
    await delay(QUIET_AFTER)

    const cold: number[] = []

    // A lookup of its own with nothing in its cache: the node itself knows its neighbours already.
    const datastore = await openDatastore(`${home}/cold`)
    const lookup = new Lookup({
      network: overlay,
      store: new DiscoveryStore(datastore),
      self: () => undefined
    })

    for (const address of addresses) {
      const started = performance.now()

      await lookup.resolve(address)
      cold.push(performance.now() - started)
    }
    await datastore.close()

    const cached: number[] = []
    const [known] = addresses

    if (known == null) return []
    await discovery.resolve(known)

    for (let index = 0; index < CACHED_LOOKUPS; index += 1) {
      const started = performance.now()

      await discovery.resolve(known)
      cached.push(performance.now() - started)
    }

    return [
      {
        what: 'resolve, cached, p99',
        measured: `${percentile(cached, 0.99).toFixed(3)} ms`,
        target: '<= 1 ms',
        met: percentile(cached, 0.99) <= 1
      },
      {
        what: `resolve, cold, through the DHT of ${addresses.length} nodes, p50`,
        measured: `${median(cold).toFixed(1)} ms (p95 ${percentile(cold, 0.95).toFixed(1)})`,
        target: '<= 30 ms',
        met: median(cold) <= 30
      }
    ]
  } finally {
    await network.stop()
  }
}
