import type { FullAddress, NodeUuid } from '../identity/index.ts'
import type { End } from './succession/fields.ts'
import type { Coordinate } from './coordinates/coordinate.ts'

/** Who a node is and where it is reached; times are ms since the epoch. */
export interface NodeRecord {
  readonly uuid: NodeUuid
  /** The authority certificate, DER. */
  readonly certificate: Uint8Array
  /** Ed25519 public key of the libp2p host, 32 bytes. */
  readonly libp2pKey: Uint8Array
  readonly multiaddrs: readonly string[]
  /** `https://address:port` */
  readonly endpoints: readonly string[]
  readonly host?: string
  /** Higher replaces lower. */
  readonly seq: number
  readonly issued: number
  readonly expires: number
  readonly capabilities: readonly string[]
  /** Where the node says that it is among the others. */
  readonly coordinate?: Coordinate
  /** The last record of a key. */
  readonly end?: End
  /** Nodes whose place this one took. */
  readonly predecessors?: readonly FullAddress[]
}

/** A record whose signature by the key in its own certificate holds. */
export interface VerifiedRecord extends NodeRecord {
  /** SHA-256 over the authority's SubjectPublicKeyInfo. */
  readonly keyHash: Uint8Array
  readonly address: FullAddress
  /** As signed: to be stored and passed on unchanged. */
  readonly bytes: Uint8Array
}
