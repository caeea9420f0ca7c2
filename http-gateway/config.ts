const SECOND = 1000
const MINUTE = 60 * SECOND
const KIB = 1024
const MIB = 1024 * KIB

/** Every bound of the gateway with its default; durations in ms, sizes in bytes. */
export const GATEWAY_LIMITS = {
  /** Reaching another node: from the first packet to the end of the TLS handshake, for all of its endpoints together; once more for the connection over libp2p. */
  connectTimeout: 5 * SECOND,

  /** Headers: of a request from its first byte, of another node’s answer from the end of the request. */
  headersTimeout: 15 * SECOND,

  /** The longest pause of another node in the middle of a body; then the client’s connection is cut. */
  bodyIdleTimeout: 15 * SECOND,

  /** From a request for another node’s document to the first byte of the answer, finding the node included. */
  lookupTimeout: 20 * SECOND,

  /** A whole request with its body, from its first byte. */
  requestTimeout: 5 * MINUTE,

  /** A connection on which no request comes. */
  keepAliveTimeout: 65 * SECOND,

  /** A connection on which no byte moves in the middle of an answer. */
  idleTimeout: MINUTE,

  /** What a client has to read of an answer in each `idleTimeout`, in bytes a second: a phone on the slowest of networks reads ten times that. */
  minSendRate: 512,

  /** Requests that are being answered when the gateway stops. */
  closeTimeout: 2 * SECOND,

  /** All header fields of a request, or of another node’s answer. */
  maxHeaderSize: 32 * KIB,

  /** A document that the owner sends to the site. */
  maxUploadSize: 1024 * MIB,

  /** The target of a request line. */
  maxTargetLength: 8 * KIB,

  /** Connections on one listener at a time. */
  maxConnections: 12_000,

  /** Requests that wait for the answers before them on their connections, all together; each takes 6 KiB. */
  maxPipelined: 20_000,

  /** Buffers for files on their way from the disk, all together; with more at a time, each takes less at once. */
  transferBytes: 128 * MIB,

  /** HTTP connections over libp2p at a time. */
  maxStreams: 1_000,

  /** Other nodes to which connections are kept. */
  maxNodes: 256,

  /** Connections to one other node at a time. */
  connectionsPerNode: 32,

  /** An unused connection to another node. */
  nodeKeepAliveTimeout: 30 * SECOND,

  /** How long a node that was only reached over libp2p is tried there first. */
  wayMemory: 5 * MINUTE,

  /** The largest file that is kept in memory. */
  hotFileSize: 64 * KIB,

  /** All files that are kept in memory. */
  hotBytes: 64 * MIB
}

/** Bounds for clients that are neither on this machine nor trusted nodes; 0 is none. */
export const OUTSIDER_LIMITS = {
  /** What leaves to them, all together, in bytes a second. */
  sendRate: 0,

  /** Requests of one source, an IPv4 address or an IPv6 /64, at a time: several browsers behind one address have six connections each. */
  sourceRequests: 256,

  /** Requests a second of one source. */
  sourceRate: 0,

  /** Requests of all of them at a time. */
  requests: 4000,

  /** Requests a second of all of them. */
  requestRate: 0,

  /** From so many requests of them at a time on, readers are sent to mirrors, or told to come again. */
  crowd: 1000
}

export type OutsiderSettings = Readonly<Record<keyof typeof OUTSIDER_LIMITS, number>>

/** Bounds of request handlers. */
export const HANDLER_LIMITS = {
  /** From a request to the beginning of the answer. */
  timeout: 30 * SECOND,

  /** Content of a request that a handler is given, which comes whole to memory. */
  maxContentSize: MIB
}

export type GatewayLimits = Readonly<Record<keyof typeof GATEWAY_LIMITS, number>>

/** The layer's part of the configuration. */
export interface GatewaySettings {
  /** IP addresses to listen on besides 127.0.0.1 and ::1; 0.0.0.0 and :: stand for all of a family. */
  readonly bind: readonly string[]
  /** 0 takes any free one; so for HTTPS. */
  readonly httpPort: number
  readonly httpsPort: number
  /** Fetch other nodes' sites for clients that are not on this machine. */
  readonly publicGateway: boolean
}
