import type { AbortOptions, Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { KadDHT, SingleKadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { Duplex } from 'node:stream'
import type { PeerContact, RecordNetwork } from '../discovery/index.ts'
import { errorMessage } from '../identity/index.ts'
import { dhtGet, dhtProvide, dhtProviders, dhtPut, dhtSettle } from './dht/service.ts'
import { nearbyValue } from './dht/nearby/service.ts'
import type { AnnouncementKind } from './announcements/announcement.ts'
import { Announcements } from './announcements/service.ts'
import { ListenError, PeerUnreachableError } from './errors.ts'
import { createHost, KAD_PROTOCOL, type HostOptions, type Services } from './host/service.ts'
import { RefusedPeers } from './host/refused-peers.ts'
import { HTTP_PROTOCOL, StreamSocket } from './http-stream/service.ts'
import { readMultiaddrs } from './multiaddrs/service.ts'
import { peerIdOf } from './peer-identity.ts'
import { answerRecord, RECORD_PROTOCOL, requestRecord } from './record-exchange/service.ts'

/** How long connected peers near a key are asked, in ms; then the walk through the DHT begins. */
const NEARBY_TIMEOUT = 250

/** HTTP requests that one peer may have open over libp2p at a time. */
const MAX_HTTP_STREAMS = 256

/** With fewer connections than this, peers that are found on the LAN are dialled. */
const FEW_PEERS = 20

/** Under which libp2p keeps a connection, spares it where there are too many, and makes it anew when it breaks. */
const FRIEND_TAG = 'keep-alive-plexnet-friend'
const FRIEND_VALUE = 100

/** Addresses that are kept of one peer. */
const MAX_LISTEN_ADDRESSES = 16

export interface OverlayOptions extends HostOptions {
  /** How long connected peers near a key are asked before a walk begins, in ms, from the first request. */
  readonly nearbyTimeout?: number
  /** This node's own record, for peers that ask. */
  readonly ownRecord: () => Uint8Array | undefined
  /** An HTTP connection that came over libp2p. */
  readonly onHttp: (socket: Duplex) => void
  readonly onPeer: (peer: PeerContact) => void
  readonly onPeerGone: (peerId: string) => void
  /** The addresses that peers can reach this node at have changed. */
  readonly onAddresses: () => void
}

export interface ConnectedPeer extends PeerContact {
  readonly direction: 'inbound' | 'outbound'
  /** ms, where it was measured */
  readonly latency?: number
}

/** The libp2p host of a node: what discovery walks, and what HTTP falls back to. */
export class Overlay implements RecordNetwork {
  readonly #options: OverlayOptions
  /** Where a connected peer says that it listens: an inbound connection's own address is no use to dial. */
  readonly #listenAddresses = new Map<string, readonly string[]>()
  readonly #refused = new RefusedPeers()
  #friends: ReadonlySet<string> = new Set()
  #libp2p: Libp2p<Services> | undefined
  #announcements: Announcements | undefined

  constructor(options: OverlayOptions) {
    this.#options = options
  }

  get peerId(): string {
    return peerIdOf(this.#options.key.publicKey).toString()
  }

  get multiaddrs(): string[] {
    return this.#host.getMultiaddrs().map(address => address.toString())
  }

  /** @throws {ListenError} */
  async start(): Promise<void> {
    const host = await createHost({
      ...this.#options,
      isRefused: peerId => this.#refused.has(peerId, Date.now())
    })

    this.#libp2p = host
    await host.handle(HTTP_PROTOCOL, stream => this.#options.onHttp(new StreamSocket(stream)), {
      maxInboundStreams: MAX_HTTP_STREAMS,
      maxOutboundStreams: MAX_HTTP_STREAMS
    })
    await host.handle(RECORD_PROTOCOL, async stream =>
      answerRecord(stream, this.#options.ownRecord())
    )
    this.#listenToPeers(host)
    this.#startAnnouncing(host)

    try {
      await host.start()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      throw new ListenError(this.#options.listen, { cause: error })
    }

    this.#announcements?.start()
  }

  async stop(): Promise<void> {
    await this.#libp2p?.stop()
  }

  peers(): ConnectedPeer[] {
    return this.#host.getConnections().map(connection => ({
      ...this.#contactOf(connection),
      direction: connection.direction,
      ...(connection.rtt == null ? {} : { latency: connection.rtt })
    }))
  }

  /**
   * A socket for HTTP/1.1 to a node, through libp2p.
   *
   * @throws {PeerUnreachableError}
   */
  async openHttp(
    node: { readonly libp2pKey: Uint8Array; readonly multiaddrs: readonly string[] },
    options: AbortOptions = {}
  ): Promise<Duplex> {
    const peerId = peerIdOf(node.libp2pKey)

    try {
      const connection = await this.#connect(peerId, node.multiaddrs, options)
      const stream = await connection.newStream(HTTP_PROTOCOL, {
        ...options,
        maxOutboundStreams: MAX_HTTP_STREAMS
      })

      return new StreamSocket(stream)
    } catch (error) {
      throw new PeerUnreachableError(peerId.toString(), errorMessage(error), { cause: error })
    }
  }

  /**
   * Tells the network, and returns how many peers were told; 0 where nothing is announced here.
   *
   * @throws {InvalidAnnouncementError}
   */
  async announce(kind: AnnouncementKind, payload: Uint8Array): Promise<number> {
    return (await this.#announcements?.publish(kind, payload)) ?? 0
  }

  /** Nodes to which connections are kept and news always go. */
  async setFriends(
    friends: readonly { readonly libp2pKey: Uint8Array; readonly multiaddrs: readonly string[] }[]
  ): Promise<void> {
    const wanted = new Map(
      friends.map(({ libp2pKey, multiaddrs }) => [peerIdOf(libp2pKey).toString(), multiaddrs])
    )
    const { peerStore } = this.#host

    await Promise.all([
      ...[...wanted].map(async ([peerId, multiaddrs]) => this.#befriend(peerId, multiaddrs)),
      ...[...this.#friends]
        .filter(peerId => !wanted.has(peerId))
        .map(async peerId =>
          peerStore.merge(peerIdFromString(peerId), { tags: { [FRIEND_TAG]: undefined } })
        )
    ])
    this.#friends = new Set(wanted.keys())
    this.#announcements?.setFriends([...wanted.keys()])
  }

  routingTableSize(): number {
    return this.#libp2p == null ? 0 : this.#dht.routingTable.size
  }

  connectedPeers(): PeerContact[] {
    const contacts = this.#host.getConnections().map(connection => this.#contactOf(connection))

    return [...new Map(contacts.map(contact => [contact.peerId, contact])).values()]
  }

  async dial(multiaddrs: readonly string[], options: AbortOptions = {}): Promise<string> {
    const connection = await this.#host.dial(readMultiaddrs(multiaddrs), options)

    return connection.remotePeer.toString()
  }

  async settle(options: AbortOptions = {}): Promise<void> {
    await dhtSettle(this.#dht, this.#host.peerId.toMultihash().bytes, options)
  }

  async nearby(key: string, options: AbortOptions = {}): Promise<Uint8Array | undefined> {
    return nearbyValue(this.#host.getConnections(), KAD_PROTOCOL, new TextEncoder().encode(key), {
      ...options,
      timeout: this.#options.nearbyTimeout ?? NEARBY_TIMEOUT
    })
  }

  get(key: string, options: AbortOptions = {}): AsyncIterable<Uint8Array> {
    return dhtGet(this.#dht, key, options)
  }

  async put(
    key: string,
    value: Uint8Array,
    options: AbortOptions = {}
  ): Promise<{ stored: number }> {
    return dhtPut(this.#dht, key, value, options)
  }

  async provide(key: CID, options: AbortOptions = {}): Promise<void> {
    await dhtProvide(this.#dht, key, options)
  }

  providers(key: CID, options: AbortOptions = {}): AsyncIterable<PeerContact> {
    return dhtProviders(this.#dht, key, options)
  }

  async askForRecord(peer: PeerContact, options: AbortOptions = {}): Promise<Uint8Array> {
    const connection = await this.#connect(peerIdFromString(peer.peerId), peer.multiaddrs, options)

    return requestRecord(connection, options)
  }

  belongsTo(record: { readonly libp2pKey: Uint8Array }, peerId: string): boolean {
    return peerIdOf(record.libp2pKey).toString() === peerId
  }

  get #host(): Libp2p<Services> {
    if (this.#libp2p == null) throw new Error('The overlay was used before it was started.')

    return this.#libp2p
  }

  get #dht(): SingleKadDHT {
    const { dht } = this.#host.services

    if (!hasRoutingTable(dht)) throw new Error('This version of kad-dht has no routing table.')

    return dht
  }

  async #connect(
    peerId: PeerId,
    multiaddrs: readonly string[],
    options: AbortOptions
  ): Promise<Connection> {
    const open = this.#host.getConnections(peerId).find(({ status }) => status === 'open')

    if (open != null) return open

    return multiaddrs.length === 0
      ? this.#host.dial(peerId, options)
      : this.#host.dial(readMultiaddrs(multiaddrs, peerId.toString()), options)
  }

  async #befriend(id: string, multiaddrs: readonly string[]): Promise<void> {
    const peerId = peerIdFromString(id)

    await this.#host.peerStore.merge(peerId, {
      multiaddrs: readMultiaddrs(multiaddrs),
      tags: { [FRIEND_TAG]: { value: FRIEND_VALUE } }
    })
    if (this.#host.getConnections(peerId).length > 0) return

    // Who is away is tried again at the next round.
    this.#host.dial(peerId).catch(() => undefined)
  }

  #contactOf(connection: Connection): PeerContact {
    const peerId = connection.remotePeer.toString()
    const dialled = connection.remoteAddr.toString()

    return {
      peerId,
      multiaddrs:
        connection.direction === 'outbound'
          ? [dialled]
          : (this.#listenAddresses.get(peerId) ?? [dialled])
    }
  }

  #refuse(peerId: string): void {
    this.#refused.refuse(peerId, Date.now())
    // What it had under way ends now: a polite goodbye would wait for it.
    for (const connection of this.#host.getConnections(peerIdFromString(peerId))) {
      connection.abort(new Error('this peer sends too much'))
    }
  }

  #startAnnouncing({ services: { pubsub } }: Libp2p<Services>): void {
    const { announcements } = this.#options

    if (pubsub == null || announcements == null) return

    this.#announcements = new Announcements(pubsub, announcements, {
      onFlood: peerId => this.#refuse(peerId)
    })
  }

  #listenToPeers(host: Libp2p<Services>): void {
    host.addEventListener('peer:identify', ({ detail }) => {
      if (detail.connection.status !== 'open') return

      const addresses = detail.listenAddrs.slice(0, MAX_LISTEN_ADDRESSES).map(String)

      this.#listenAddresses.set(detail.peerId.toString(), addresses)
      this.#options.onPeer(this.#contactOf(detail.connection))
    })
    host.addEventListener('peer:disconnect', ({ detail }) => {
      this.#listenAddresses.delete(detail.toString())
      this.#options.onPeerGone(detail.toString())
    })
    host.addEventListener('self:peer:update', () => this.#options.onAddresses())
    // libp2p tells once of a peer that mDNS found, before its addresses are stored, and leaves the dialling to us.
    host.addEventListener('peer:discovery', ({ detail }) => {
      if (host.getConnections().length >= FEW_PEERS) return

      this.#connect(detail.id, detail.multiaddrs.map(String), {}).catch(() => undefined)
    })
  }
}

function hasRoutingTable(dht: KadDHT): dht is SingleKadDHT {
  return 'routingTable' in dht
}
