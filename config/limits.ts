import { GATEWAY_LIMITS } from '../http-gateway/config.ts'

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND
const MIB = 1024 * 1024

// A timeout of less could not be kept, of more would not be one.
const duration = { type: 'integer', unit: 'milliseconds', minimum: 10, maximum: DAY } as const

const size = { type: 'integer', unit: 'bytes', minimum: 0, maximum: 1024 * 1024 * MIB } as const

const count = { type: 'integer', minimum: 1, maximum: 1_000_000 } as const

/** The bounds of the gateway as settings, their defaults where the gateway has them. */
export const gatewayLimits = {
  connect_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.connectTimeout,
    description:
      'reaching another node, from the first packet to the end of the TLS handshake, all its addresses together'
  },
  headers_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.headersTimeout,
    description:
      "headers of a request, from its first byte, or of another node's answer, from the end of the request"
  },
  body_idle_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.bodyIdleTimeout,
    description:
      "the longest pause of another node inside an answer, before the client's connection is cut"
  },
  lookup_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.lookupTimeout,
    description:
      "from a request for another node's document to the first byte of its answer, finding the node included"
  },
  request_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.requestTimeout,
    description: 'a whole request with its content, from its first byte; raise it for long uploads'
  },
  keep_alive_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.keepAliveTimeout,
    description: 'how long a connection is kept on which no request comes'
  },
  idle_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.idleTimeout,
    description: 'how long a connection is kept on which no byte moves inside an answer'
  },
  min_send_rate: {
    ...size,
    default: GATEWAY_LIMITS.minSendRate,
    description: 'what a client has to read of an answer, per second, over each idle_timeout'
  },
  close_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.closeTimeout,
    description: 'how long requests are still answered when the node stops'
  },
  max_header_size: {
    ...size,
    minimum: 1024,
    maximum: MIB,
    default: GATEWAY_LIMITS.maxHeaderSize,
    description: "all header fields of a request or of another node's answer; more is 431"
  },
  max_upload_size: {
    ...size,
    default: GATEWAY_LIMITS.maxUploadSize,
    description: 'a document that the owner sends to the site; more is 413'
  },
  max_target_length: {
    ...size,
    minimum: 256,
    maximum: MIB,
    default: GATEWAY_LIMITS.maxTargetLength,
    description: 'the target of a request, path and query; more is 414'
  },
  max_connections: {
    ...count,
    default: GATEWAY_LIMITS.maxConnections,
    description: 'connections open at once on one listener'
  },
  max_pipelined: {
    ...count,
    default: GATEWAY_LIMITS.maxPipelined,
    description:
      'requests that wait for the answers before them on their connections, all together; beyond, a connection is cut'
  },
  transfer_bytes: {
    ...size,
    minimum: MIB,
    default: GATEWAY_LIMITS.transferBytes,
    description: 'buffers for files on their way from the disk, all together'
  },
  max_streams: {
    ...count,
    default: GATEWAY_LIMITS.maxStreams,
    description: 'HTTP connections over libp2p open at once'
  },
  max_nodes: {
    ...count,
    default: GATEWAY_LIMITS.maxNodes,
    description: 'other nodes to which connections are kept'
  },
  connections_per_node: {
    ...count,
    default: GATEWAY_LIMITS.connectionsPerNode,
    description: 'connections open at once to one other node'
  },
  node_keep_alive_timeout: {
    ...duration,
    default: GATEWAY_LIMITS.nodeKeepAliveTimeout,
    description: 'how long an unused connection to another node is kept'
  },
  way_memory: {
    ...duration,
    default: GATEWAY_LIMITS.wayMemory,
    description: 'how long a node that was only reached over libp2p is tried there first'
  },
  hot_file_size: {
    ...size,
    maximum: 64 * MIB,
    default: GATEWAY_LIMITS.hotFileSize,
    description: 'the largest file that is kept in memory; 0 keeps none'
  },
  hot_bytes: {
    ...size,
    minimum: 64 * 1024,
    default: GATEWAY_LIMITS.hotBytes,
    description: 'all files that are kept in memory, their compressed variants among them'
  }
} as const
