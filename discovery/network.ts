import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

/** A libp2p peer and where it may be dialled. */
export interface PeerContact {
  readonly peerId: string
  readonly multiaddrs: readonly string[]
}

/** What discovery needs of the network below it; the overlay implements it over libp2p. */
export interface RecordNetwork {
  /** Peers in the DHT's routing table. */
  routingTableSize(): number
  connectedPeers(): PeerContact[]
  /** Connects to one peer by any of its multiaddrs and returns its peer id. */
  dial(multiaddrs: readonly string[], options?: AbortOptions): Promise<string>
  /** Waits until the DHT knows a peer, then walks towards this node's own id, so that neighbours know each other. */
  settle(options?: AbortOptions): Promise<void>
  /** What one of the connected peers nearest to the key holds; undefined where none has it at once. */
  nearby(key: string, options?: AbortOptions): Promise<Uint8Array | undefined>
  /** Every value that the peers nearest to the key hold, as they answer; ends early when the reader stops. */
  get(key: string, options?: AbortOptions): AsyncIterable<Uint8Array>
  /** Puts a value to the peers nearest to the key and returns how many of them took it. */
  put(key: string, value: Uint8Array, options?: AbortOptions): Promise<{ stored: number }>
  /** Announces this node as a provider of `key`. */
  provide(key: CID, options?: AbortOptions): Promise<void>
  providers(key: CID, options?: AbortOptions): AsyncIterable<PeerContact>
  /** Whether a record's libp2p key is the one of a peer. */
  belongsTo(record: { readonly libp2pKey: Uint8Array }, peerId: string): boolean
  /** The node record that a peer gives of itself: unverified bytes. */
  askForRecord(peer: PeerContact, options?: AbortOptions): Promise<Uint8Array>
}
