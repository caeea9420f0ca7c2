import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { ping, type Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Datastore } from 'interface-datastore'
import { createLibp2p } from 'libp2p'
import { RecordError } from '../../discovery/index.ts'
import { announcing, type AnnouncementsOptions } from '../announcements/service.ts'
import { privateKeyOf } from '../peer-identity.ts'

export const KAD_PROTOCOL = '/plexnet/kad/1.0.0'

/** DHT keys of Plexnet begin with this name; kad-dht finds validators by it. */
const KEY_SPACE = 'plexnet'

/** Kademlia's k, alpha and disjoint paths; k must be the same on all nodes (S/Kademlia). */
const KADEMLIA: KademliaSettings = { k: 20, alpha: 3, disjointPaths: 3, prefixBits: 6 }

/** Bytes that may be on the way in one stream: above the 4 MiB buffer a paused reader would be killed. */
const MAX_STREAM_WINDOW = 1 << 20

/** New connections from one address a second: a household or a campus comes from one. */
const INBOUND_PER_SECOND = 50

const DIAL_TIMEOUT = 5000

export interface KademliaSettings {
  readonly k: number
  /** Requests under way on each path. */
  readonly alpha: number
  readonly disjointPaths: number
  /** Leading bits by which the routing table sorts peers into buckets of k. */
  readonly prefixBits: number
}

export interface HostOptions {
  readonly key: { readonly seed: Uint8Array; readonly publicKey: Uint8Array }
  readonly datastore: Datastore
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  readonly maxConnections: number
  readonly mdns: boolean
  /** Of a network of its own, which is tried out; k must be the same on all of its nodes. */
  readonly kademlia?: KademliaSettings
  /** News among nodes; without it there are none. */
  readonly announcements?: AnnouncementsOptions
  /** Whether a peer is neither let in nor dialled. */
  readonly isRefused?: (peerId: string) => boolean
  /** Throws where a record may not be stored under a DHT key. */
  readonly validate: (key: string, value: Uint8Array) => Promise<void>
  /** Index of the newest record. */
  readonly select: (key: string, values: readonly Uint8Array[]) => number
}

export interface Services extends Record<string, unknown> {
  readonly dht: KadDHT
  readonly identify: Identify
  readonly identifyPush: IdentifyPush
  readonly ping: Ping
  readonly pubsub?: GossipSub
}

/** The libp2p node with all that it speaks, not yet started. */
export async function createHost(options: HostOptions): Promise<Libp2p<Services>> {
  const decoder = new TextDecoder()
  const { k, alpha, disjointPaths, prefixBits } = options.kademlia ?? KADEMLIA

  return createLibp2p<Services>({
    start: false,
    privateKey: privateKeyOf(options.key),
    datastore: options.datastore,
    addresses: { listen: [...options.listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW } })],
    peerDiscovery: options.mdns ? [mdns({ serviceTag: '_plexnet._udp.local' })] : [],
    connectionManager: {
      maxConnections: options.maxConnections,
      inboundConnectionThreshold: INBOUND_PER_SECOND,
      dialTimeout: DIAL_TIMEOUT
    },
    connectionGater: {
      // The DHT, too, would dial whoever was disconnected again and again.
      denyDialPeer: peer => options.isRefused?.(peer.toString()) ?? false,
      denyInboundEncryptedConnection: peer => options.isRefused?.(peer.toString()) ?? false
    },
    // The default kills connections that are merely loaded (js-libp2p #3463).
    connectionMonitor: { abortConnectionOnPingFailure: false },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      ...(options.announcements == null ? {} : { pubsub: announcing(options.announcements) }),
      dht: kadDHT({
        protocol: KAD_PROTOCOL,
        clientMode: false,
        // A network of friends may live on one LAN: private addresses count.
        peerInfoMapper: passthroughMapper,
        kBucketSize: k,
        alpha,
        disjointPaths,
        prefixLength: prefixBits,
        allowQueryWithZeroPeers: true,
        initialQuerySelfInterval: 200,
        querySelfInterval: 60_000,
        networkDialTimeout: { minTimeout: 1000, maxTimeout: 2000 },
        validators: {
          [KEY_SPACE]: async (key, value, reading) => {
            await options.validate(decoder.decode(key), value).catch((error: unknown) => {
              // kad-dht gives options with what it reads only: a full store must not end reading.
              if (reading == null || !isStoreFull(error)) throw error
            })
          },
          // kad-dht's own kind of record, which anybody could fill this disk with.
          pk: () => {
            throw new Error('Public keys are not stored here.')
          }
        },
        selectors: { [KEY_SPACE]: (key, values) => options.select(decoder.decode(key), values) }
      })
    }
  })
}

function isStoreFull(error: unknown): boolean {
  return error instanceof RecordError && error.fault === 'store-full'
}
