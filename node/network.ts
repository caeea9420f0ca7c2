import type { Datastore } from 'interface-datastore'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Configuration } from '../config.ts'
import { Discovery, DiscoveryStore, parseSeed, type Reachability } from '../discovery/index.ts'
import { Locality } from '../discovery/coordinates/service.ts'
import { NameKeeper, type NameKeeperOptions } from '../discovery/names/service.ts'
import { TrustKeeper, type TrustKeeperOptions } from '../discovery/trust/service.ts'
import {
  ed25519Signer,
  formatAddress,
  parseFullAddress,
  type AddressFingerprint,
  type Authority,
  type FullAddress,
  type Identity,
  type NodeUuid
} from '../identity/index.ts'
import type * as OverlayLayer from '../overlay/index.ts'
import type { Announcement } from '../overlay/index.ts'
import { FriendKeeper } from './friends.ts'
import { newestRecord, validateRecord } from './dht-records.ts'

/** How long requests that waited for the port have before libp2p is loaded, in ms. */
const FIRST_REQUESTS = 20

export interface NetworkOptions {
  readonly configuration: Configuration
  readonly identity: Identity
  /** Where LevelDB is kept. */
  readonly data: string
  /** The authority, once its key is open; undefined where nobody gave a passphrase. */
  readonly unlocked: Promise<Authority> | undefined
  readonly reachability: (multiaddrs: readonly string[]) => Reachability
  /** What this node does for others. */
  readonly capabilities: () => readonly string[]
  readonly fetchTrust: TrustKeeperOptions['fetch']
  readonly fetchNames: NameKeeperOptions['fetch']
  /** The same as another node keeps it. */
  readonly fetchNamesOf: NameKeeperOptions['fetchCopy']
  /** What a node knows of a UUID. */
  readonly fetchClaims: (
    party: FullAddress,
    uuid: NodeUuid,
    options: { readonly signal?: AbortSignal }
  ) => Promise<Uint8Array>
  readonly onNews: (news: Announcement, distance: number | undefined) => void
  readonly onHttp: (socket: Duplex) => void
  /** A key was found to be replaced, as both say, or revoked. */
  readonly onEnd: (ended: FullAddress, successor: FullAddress | undefined) => void
  /** A key was found to name two successors. */
  readonly onDispute?: (ended: FullAddress, successors: readonly FullAddress[]) => void
  readonly onJoined: (via: string) => void
  readonly onAnnounced: (stored: number) => void
  readonly onWarning: (message: string) => void
}

/** The libp2p host and discovery over it, running. */
export interface Network {
  readonly datastore: Datastore
  readonly overlay: OverlayLayer.Overlay
  readonly discovery: Discovery
  readonly trust: TrustKeeper
  readonly names: NameKeeper
  readonly locality: Locality
  /** No record with a lower number is stored under this key of the DHT any more. */
  remember(key: string, record: { readonly seq: number; readonly expires: number }): Promise<void>
  /** From now on a bare UUID means this key. */
  pin(uuid: NodeUuid, key: AddressFingerprint): Promise<void>
  stop(): Promise<void>
}

/** Opens the datastore, starts libp2p and begins to join. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { openDatastore, Overlay } = await loadOverlay()
  const { configuration, identity } = options
  const undo = new AsyncDisposableStack()

  try {
    const datastore = await openDatastore(join(options.data, 'datastore'))

    undo.defer(async () => datastore.close())

    const store = new DiscoveryStore(datastore)

    await store.open(Date.now())

    const trust = new TrustKeeper({
      identity,
      datastore,
      mapSize: configuration.trust.mapSize,
      onSaid: document => void overlay.announce('trust', document).catch(() => undefined),
      onChanged: () => friends.changed(),
      fetch: options.fetchTrust,
      onWarning: options.onWarning
    })

    const names = new NameKeeper({
      datastore,
      self: {
        uuid: identity.uuid,
        sign: ed25519Signer(identity.libp2pKey.seed),
        record: () => discovery.ownRecord?.bytes
      },
      fetch: options.fetchNames,
      fetchCopy: options.fetchNamesOf,
      isOpen: party =>
        trust.own().some(({ subject, isPrivate }) => !isPrivate && subject.fp === party.fp),
      onPublished: head => void overlay.announce('name', head).catch(() => undefined),
      friends: () => trust.ranking('name').map(({ party }) => party)
    })

    const locality = new Locality({ recordOf: ({ fp }) => store.recall(fp)?.record })

    await Promise.all([trust.open(), names.open()])

    const overlay = new Overlay({
      key: identity.libp2pKey,
      datastore,
      listen: listenAddresses(configuration),
      maxConnections: configuration.overlay.maxConnections,
      mdns: configuration.overlay.mdns && !configuration.node.localOnly,
      validate: async (key, value) => validateRecord(store, key, value),
      select: newestRecord,
      ownRecord: () => discovery.ownRecord?.bytes,
      announcements: {
        partyOf: peerId => {
          const record = discovery.neighbour(peerId)

          return record == null ? undefined : formatAddress(record.address)
        },
        distanceTo: party => trust.distance(party),
        onNews: options.onNews
      },
      onHttp: options.onHttp,
      onPeer: peer => discovery.peerConnected(peer),
      onPeerGone: peerId => discovery.peerGone(peerId),
      onAddresses: () => void discovery.reachabilityChanged()
    })
    const discovery = new Discovery({
      identity,
      store,
      network: overlay,
      vouchFor: claim => trust.vouch('identify', claim),
      friends: {
        list: () => trust.ranking('identify').map(({ party }) => party),
        ask: async (friend, { uuid }, asking) =>
          options.fetchClaims(parseFullAddress(friend), uuid, asking)
      },
      seeds: configuration.discovery.seeds.map(parseSeed),
      reachability: () => options.reachability(overlay.multiaddrs),
      coordinate: () => locality.coordinate,
      capabilities: options.capabilities,
      lifetime: configuration.discovery.recordLifetime,
      interval: configuration.discovery.republishInterval,
      onJoined: via => {
        options.onJoined(via)
        trust.start()
        friends.changed()
      },
      onEnd: options.onEnd,
      ...(options.onDispute == null ? {} : { onDispute: options.onDispute }),
      onAnnounced: options.onAnnounced,
      onWarning: options.onWarning
    })

    const friends = new FriendKeeper({ overlay, discovery, trust })

    await discovery.open()
    locality.restore(discovery.ownRecord?.coordinate)
    undo.defer(async () => overlay.stop())
    await overlay.start()
    undo.defer(() => discovery.stop())
    undo.defer(() => {
      trust.stop()
      friends.stop()
    })
    friends.start()
    if (options.unlocked != null) await discovery.unlock(await options.unlocked)
    discovery.start()

    const running = undo.move()

    return {
      datastore,
      overlay,
      discovery,
      trust,
      names,
      locality,
      remember: async (key, record) => store.raiseSequence(key, record, Date.now()),
      pin: async (uuid, key) => store.setPin(uuid, key),
      stop: async () => running.disposeAsync()
    }
  } catch (error) {
    await undo.disposeAsync()
    throw error
  }
}

/**
 * libp2p takes longer to load than the rest of the node to start, and holds up all else meanwhile: it is loaded after
 * local HTTP listens, and in parts, so that requests have their turn in between.
 */
async function loadOverlay(): Promise<typeof OverlayLayer> {
  const parts = [
    async () => import('@libp2p/crypto/keys'),
    async () => import('@chainsafe/libp2p-noise'),
    async () => import('@libp2p/kad-dht'),
    async () => import('libp2p')
  ]

  await delay(FIRST_REQUESTS)
  for (const load of parts) {
    await load()
    await delay(0)
  }

  return import('../overlay/index.ts')
}

/** Where libp2p listens: where the gateway does, but for a family that this machine does not have. */
function listenAddresses({ gateway, overlay }: Configuration): string[] {
  const families = new Set(
    Object.values(networkInterfaces()).flatMap(infos => infos?.map(info => info.family) ?? [])
  )

  return gateway.bind
    .filter(address => families.has(isIPv6(address) ? 'IPv6' : 'IPv4'))
    .map(address => `/${isIPv6(address) ? 'ip6' : 'ip4'}/${address}/tcp/${overlay.p2pPort}`)
}
