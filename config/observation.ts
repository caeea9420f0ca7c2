const SECOND = 1000
const KIB = 1024
const MIB = 1024 * KIB

const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const

export const accessLog = {
  file: {
    type: 'string',
    format: 'path-or-dash',
    flag: '--access-log',
    description:
      'file to which a line is added for each request, - for standard output; unset, there is no access log'
  },
  format: {
    type: 'string',
    enum: ['combined', 'json'],
    default: 'combined',
    description: 'the combined format of Apache and nginx, or one JSON object a line'
  },
  shorten_addresses: {
    type: 'boolean',
    default: false,
    description:
      'write only the network of an address, /24 of IPv4 and /48 of IPv6, so that no reader can be told by it'
  },
  buffer_size: {
    type: 'integer',
    unit: 'bytes',
    minimum: 64 * KIB,
    maximum: 1024 * MIB,
    default: 4 * MIB,
    description:
      'lines that wait in memory for a slow or full destination; more are dropped and counted'
  },
  flush_interval: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 10,
    maximum: 60 * SECOND,
    default: SECOND,
    description: 'how long a line waits at most for others to be written with'
  }
} as const

export const metrics = {
  enabled: {
    type: 'boolean',
    default: true,
    description: 'count requests, connections and lookups for `plexnet metrics` and Prometheus'
  },
  port: {
    ...port,
    description:
      'loopback port on which Prometheus finds /metrics; unset, they are only read over the control socket'
  }
} as const
