import type { AbortOptions, PeerInfo } from '@libp2p/interface'
import { EventTypes, type KadDHT, type SingleKadDHT } from '@libp2p/kad-dht'
import type { CID } from 'multiformats/cid'
import { setTimeout as delay } from 'node:timers/promises'
import type { PeerContact } from '../../discovery/index.ts'

/** How often the routing table is looked at until it has anybody in it, in ms: it tells of no change. */
const ROUTING_TABLE_POLL = 20

const encoder = new TextEncoder()

/** Every value that the peers near a key hold, one at a time as they answer; stopping early ends the walk. */
export async function* dhtGet(
  dht: KadDHT,
  key: string,
  options: AbortOptions = {}
): AsyncGenerator<Uint8Array> {
  // kad-dht's own `get` lets one stale peer fail it for all, so each answer is taken as it comes.
  for await (const event of walk(options, signal => dht.get(encoder.encode(key), signal))) {
    // After the walk kad-dht corrects peers with other records, and fails where one of them refuses.
    if (event.type === EventTypes.SEND_QUERY && event.messageName === 'PUT_VALUE') return
    if (event.type === EventTypes.PEER_RESPONSE && event.record != null) yield event.record.value
  }
}

/** Puts a value to the nearest peers and counts those that took it: `put` itself resolves even if all refuse. */
export async function dhtPut(
  dht: KadDHT,
  key: string,
  value: Uint8Array,
  options: AbortOptions = {}
): Promise<{ stored: number }> {
  let stored = 0

  for await (const event of dht.put(encoder.encode(key), value, options)) {
    if (event.type === EventTypes.PEER_RESPONSE && event.messageName === 'PUT_VALUE') stored += 1
  }

  return { stored }
}

export async function* dhtProviders(
  dht: KadDHT,
  key: CID,
  options: AbortOptions = {}
): AsyncGenerator<PeerContact> {
  for await (const event of walk(options, signal => dht.findProviders(key, signal))) {
    if (event.type === EventTypes.PROVIDER || event.type === EventTypes.PEER_RESPONSE) {
      yield* event.providers.map(contactOf)
    }
  }
}

export async function dhtProvide(dht: KadDHT, key: CID, options: AbortOptions = {}): Promise<void> {
  await drain(dht.provide(key, options))
}

/** Waits for a first neighbour, then walks towards one's own id: nodes that join one seed at once miss each other else. */
export async function dhtSettle(
  dht: SingleKadDHT,
  ownId: Uint8Array,
  options: AbortOptions = {}
): Promise<void> {
  while (dht.routingTable.size === 0) {
    await delay(ROUTING_TABLE_POLL, undefined, options)
  }

  await drain(dht.getClosestPeers(ownId, options))
}

/** A query whose walk ends with its reader, not only with its caller's signal. */
async function* walk<T>(
  options: AbortOptions,
  query: (options: AbortOptions) => AsyncIterable<T>
): AsyncGenerator<T> {
  const ended = new AbortController()
  const signal =
    options.signal == null ? ended.signal : AbortSignal.any([options.signal, ended.signal])

  try {
    yield* query({ signal })
  } finally {
    ended.abort()
  }
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) void event
}

function contactOf(peer: PeerInfo): PeerContact {
  return {
    peerId: peer.id.toString(),
    multiaddrs: peer.multiaddrs.map(address => address.toString())
  }
}
