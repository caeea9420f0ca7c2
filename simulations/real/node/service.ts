import { generateKeyPairSync, hash } from 'node:crypto'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { EventTypes, type QueryEvent, type SingleKadDHT } from '@libp2p/kad-dht'
import { dhtPut, dhtSettle } from '../../../overlay/dht/service.ts'
import { nearestPeers } from '../../../overlay/dht/nearest.ts'
import { createHost, type KademliaSettings, type Services } from '../../../overlay/host/service.ts'
import { readMultiaddrs } from '../../../overlay/multiaddrs/service.ts'
import { openDatastore } from '../../../overlay/store.ts'
import type { SeenLookup } from '../seen.ts'

/** Connections of a node: to all others of the largest network, and both ways. */
const MAX_CONNECTIONS = 300

/** How long a walk may take, in ms: what is stuck for longer counts as failed. */
const WALK_TIMEOUT = 30_000

/** Bytes of an Ed25519 key behind the header of its PKCS#8 form, and of its SPKI form. */
const KEY_BYTES = 32

interface Running {
  readonly host: Libp2p<Services>
  readonly dht: SingleKadDHT & { readonly routingTable: KnowingTable }
  readonly close: () => Promise<void>
}

/** Of the library's routing table, what its interface does not show. */
interface KnowingTable {
  readonly size: number
  closestPeers(kadId: Uint8Array, options: { count: number }): { toString(): string }[]
}

/** A node as people run it, its libp2p host and DHT with what they keep on disk, on a free port of the loopback address. */
export class RealNode {
  readonly #folder: string
  readonly #kademlia: KademliaSettings
  readonly #key = newKey()
  #running: Running | undefined

  constructor(folder: string, kademlia: KademliaSettings) {
    this.#folder = folder
    this.#kademlia = kademlia
  }

  /** Puts the node on, and later on again with what it kept. */
  async start(): Promise<{ peer: string; address: string }> {
    const datastore = await openDatastore(join(this.#folder, 'datastore'))
    const host = await createHost({
      key: this.#key,
      datastore,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      maxConnections: MAX_CONNECTIONS,
      mdns: false,
      kademlia: this.#kademlia,
      validate: async () => undefined,
      select: () => 0
    })
    const { dht } = host.services

    if (!knowsNearest(dht)) throw new TypeError('This version of kad-dht shows no routing table.')

    await host.start()
    this.#running = {
      host,
      dht,
      close: async () => {
        await host.stop()
        await datastore.close()
      }
    }

    return { peer: host.peerId.toString(), address: String(host.getMultiaddrs()[0]) }
  }

  async stop(): Promise<void> {
    const running = this.#running

    this.#running = undefined
    await running?.close()
  }

  /** Through a node that is on: as the node itself joins. */
  async join(address: string): Promise<void> {
    const { host, dht } = this.#on

    await host.dial(readMultiaddrs([address]))
    await dhtSettle(dht, host.peerId.toMultihash().bytes, { signal: within() })
  }

  /** Contacts in the routing table. */
  get contacts(): number {
    return this.#on.dht.routingTable.size
  }

  async lookUp(key: string): Promise<SeenLookup> {
    return this.#watch(key, (dht, bytes) => dht.getClosestPeers(bytes, { signal: within() }))
  }

  /** Peers that took the record. */
  async put(key: string, value: string): Promise<number> {
    const { stored } = await dhtPut(this.#on.dht, key, Buffer.from(value), { signal: within() })

    return stored
  }

  /** Walks to the end, where the node itself stops at the first answer that is right. */
  async find(key: string): Promise<SeenLookup> {
    return this.#watch(key, (dht, bytes) => dht.get(bytes, { signal: within() }))
  }

  async #watch(
    key: string,
    query: (dht: SingleKadDHT, key: Uint8Array) => AsyncIterable<QueryEvent>
  ): Promise<SeenLookup> {
    const bytes = Buffer.from(key)
    const { dht } = this.#on
    const hops = new Map(
      dht.routingTable
        .closestPeers(hash('sha256', bytes, 'buffer'), { count: this.#kademlia.k })
        .map(peer => [peer.toString(), 1])
    )
    const answered = new Map<string, Uint8Array>()
    let [requests, failures, holders] = [0, 0, 0]

    for await (const event of query(dht, bytes)) {
      if (event.type === EventTypes.DIAL_PEER) requests += 1
      else if (event.type === EventTypes.QUERY_ERROR) failures += 1
      else if (event.type === EventTypes.PEER_RESPONSE) {
        const from = event.from.toString()

        answered.set(from, event.from.toMultihash().bytes)
        if (event.record != null) holders += 1
        for (const { id } of event.closer) {
          const told = id.toString()

          if (!hops.has(told)) hops.set(told, (hops.get(from) ?? 1) + 1)
        }
      }
    }

    const nearest = nearestPeers(bytes, [...answered], ([, id]) => id, this.#kademlia.k).map(
      ([peer]) => peer
    )

    return { requests, failures, holders, nearest, hops: hops.get(nearest[0] ?? '') ?? 0 }
  }

  get #on(): Running {
    if (this.#running == null) throw new Error('A node was used that is off.')

    return this.#running
  }
}

function knowsNearest(dht: object): dht is Running['dht'] {
  return (
    'routingTable' in dht &&
    typeof dht.routingTable === 'object' &&
    dht.routingTable != null &&
    'closestPeers' in dht.routingTable
  )
}

function newKey(): { seed: Uint8Array; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')

  return {
    seed: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-KEY_BYTES),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES)
  }
}

function within(): AbortSignal {
  return AbortSignal.timeout(WALK_TIMEOUT)
}
