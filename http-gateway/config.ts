import { Type, type Static } from 'typebox'

const SECOND = 1000
const MINUTE = 60 * SECOND
const KIB = 1024
const MIB = 1024 * KIB

/** Every bound of the gateway; durations in ms, sizes in bytes. */
export const gatewayLimits = Type.Object(
  {
    connectTimeout: milliseconds(
      5 * SECOND,
      'Reaching another node: from the first packet to the end of the TLS handshake, for all of its endpoints together; once more for the connection over libp2p'
    ),
    headersTimeout: milliseconds(
      15 * SECOND,
      'Headers: of a request from its first byte, of another node’s answer from the end of the request'
    ),
    bodyIdleTimeout: milliseconds(
      15 * SECOND,
      'The longest pause of another node in the middle of a body; then the client’s connection is cut'
    ),
    lookupTimeout: milliseconds(
      20 * SECOND,
      'From a request for another node’s document to the first byte of the answer, finding the node included'
    ),
    requestTimeout: milliseconds(5 * MINUTE, 'A whole request with its body, from its first byte'),
    keepAliveTimeout: milliseconds(65 * SECOND, 'A connection on which no request comes'),
    idleTimeout: milliseconds(
      MINUTE,
      'A connection on which no byte moves in the middle of an answer'
    ),
    closeTimeout: milliseconds(
      2 * SECOND,
      'Requests that are being answered when the gateway stops'
    ),
    maxHeaderSize: bytes(32 * KIB, 'All header fields of a request, or of another node’s answer'),
    maxTargetLength: bytes(8 * KIB, 'The target of a request line'),
    maxConnections: count(12_000, 'Connections on one listener at a time'),
    maxStreams: count(1_000, 'HTTP connections over libp2p at a time'),
    maxNodes: count(256, 'Other nodes to which connections are kept'),
    connectionsPerNode: count(32, 'Connections to one other node at a time'),
    nodeKeepAliveTimeout: milliseconds(30 * SECOND, 'An unused connection to another node'),
    wayMemory: milliseconds(
      5 * MINUTE,
      'How long a node that was only reached over libp2p is tried there first'
    ),
    hotFileSize: bytes(64 * KIB, 'The largest file that is kept in memory'),
    hotBytes: bytes(64 * MIB, 'All files that are kept in memory')
  },
  { additionalProperties: false }
)

export type GatewayLimits = Static<typeof gatewayLimits>

/** The layer's part of the configuration. */
export const gatewaySettings = Type.Object(
  {
    bind: Type.Array(Type.String(), {
      default: [],
      description:
        'IP addresses to listen on besides 127.0.0.1 and ::1; 0.0.0.0 and :: stand for all of a family'
    }),
    httpPort: port(8010, 'Port for HTTP'),
    httpsPort: port(9010, 'Port for HTTPS'),
    publicGateway: Type.Boolean({
      default: false,
      description: 'Fetch other nodes’ sites for clients that are not on this machine'
    }),
    limits: Type.Optional(Type.Partial(gatewayLimits))
  },
  { additionalProperties: false }
)

export type GatewaySettings = Static<typeof gatewaySettings>

function milliseconds(value: number, description: string): ReturnType<typeof integer> {
  return integer(value, 'ms', description)
}

function bytes(value: number, description: string): ReturnType<typeof integer> {
  return integer(value, 'bytes', description)
}

function count(value: number, description: string): ReturnType<typeof integer> {
  return integer(value, 'count', description)
}

function integer(value: number, unit: string, description: string) {
  return Type.Integer({ default: value, minimum: 1, unit, description })
}

function port(value: number, description: string) {
  return Type.Integer({
    default: value,
    minimum: 0,
    maximum: 65_535,
    unit: 'port',
    description: `${description}; 0 = any free one`
  })
}
