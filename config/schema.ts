import type { XStatic } from 'typebox/schema'
import { content } from './content.ts'
import type { FormatName } from './formats.ts'
import { handlers } from './handlers.ts'
import { gatewayLimits } from './limits.ts'
import { accessLog, metrics } from './observation.ts'
import { audits } from './audits.ts'
import { mirrors } from './mirrors.ts'
import { limits } from './outsiders.ts'
import { proxy } from './proxy.ts'
import type { Unit } from './quantities.ts'
import { site } from './site.ts'

/**
 * JSON Schema, with `unit` for numbers that may be written as '4h' or '5MiB' and `flag` for the option that sets it.
 * Written as plain objects: typebox types them, and loading its builders would cost a third of the time
 * that a node has to start in.
 */
export interface Field {
  readonly type: 'string' | 'integer' | 'boolean' | 'array'
  readonly description: string
  readonly default?: unknown
  readonly format?: FormatName
  readonly enum?: readonly string[]
  readonly unit?: Unit
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Omit<Field, 'description'>
  readonly maxItems?: number
  readonly flag?: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const

const node = {
  id: {
    type: 'string',
    format: 'uuid',
    description:
      'UUID of the node, used when its identity is made; unset, one is made from the MAC address'
  },
  ipv4: {
    type: 'string',
    format: 'ipv4',
    description: 'public IPv4 address; unset, it is found by STUN'
  },
  ipv6: { type: 'string', format: 'ipv6', description: 'public IPv6 address; unset, it is found' },
  teredo_server: { type: 'string', format: 'host-port', description: 'Teredo server' },
  stun_server: { type: 'string', format: 'host-port', description: 'STUN server' },
  host: {
    type: 'string',
    format: 'host',
    description: 'host name at which the public finds this node'
  },
  passphrase_file: {
    type: 'string',
    format: 'path',
    flag: '--passphrase-file',
    description: 'file whose first line is the passphrase of the authority key'
  },
  local_only: {
    type: 'boolean',
    default: false,
    flag: '--local-only',
    description: 'bind and advertise loopback addresses only'
  }
} as const satisfies Section

const gateway = {
  http_port: {
    ...port,
    default: 8010,
    flag: '--http-port',
    description: 'HTTP port; 0 takes any free one'
  },
  https_port: {
    ...port,
    default: 9010,
    flag: '--https-port',
    description: 'HTTPS port; 0 takes any free one'
  },
  bind: {
    type: 'array',
    items: { type: 'string', format: 'ip' },
    maxItems: 64,
    default: ['0.0.0.0', '::'],
    flag: '--bind',
    description: 'addresses to listen on; loopback is always one of them'
  },
  public: {
    type: 'boolean',
    default: false,
    description: 'fetch the sites of other nodes for anyone, not only for this machine'
  },
  workers: {
    type: 'integer',
    minimum: 1,
    maximum: 64,
    default: 1,
    description:
      'processes that share the HTTP and HTTPS ports, for a machine with many cores; 1 serves in the process of the node'
  },
  listing: {
    type: 'boolean',
    default: false,
    description: 'list the files of folders of the site that have no index.html'
  },
  owner_token_file: {
    type: 'string',
    format: 'path',
    description:
      'file whose first line is the bearer token by which PUT, POST and DELETE change the site'
  },
  ...gatewayLimits
} as const satisfies Section

const overlay = {
  p2p_port: {
    ...port,
    default: 7010,
    flag: '--p2p-port',
    description: 'libp2p port (TCP); 0 takes any free one'
  },
  max_connections: {
    type: 'integer',
    minimum: 8,
    maximum: 10_000,
    default: 300,
    description: 'libp2p connections kept open at once'
  },
  mdns: { type: 'boolean', default: true, description: 'find nodes on the local network' }
} as const satisfies Section

const discovery = {
  seeds: {
    type: 'array',
    items: { type: 'string', format: 'seed' },
    maxItems: 64,
    default: [],
    flag: '--seed',
    description: 'nodes to join the network through'
  },
  record_lifetime: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: MINUTE,
    maximum: 30 * DAY,
    default: 48 * HOUR,
    description: 'how long the record of this node is valid, from its signing'
  },
  republish_interval: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 10_000,
    maximum: 30 * DAY,
    default: 4 * HOUR,
    description: 'how often the record is put into the network again'
  }
} as const satisfies Section

const trust = {
  map_size: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 200,
    description: 'how many nodes are accepted through the trust of friends, in each domain'
  }
} as const satisfies Section

const log = {
  level: {
    type: 'string',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    description: 'the least important messages that are still written'
  }
} as const satisfies Section

export type Section = Readonly<Record<string, Field>>

/** Everything that can be configured, by section and key. */
export const SCHEMA = {
  node,
  gateway,
  overlay,
  discovery,
  trust,
  log,
  access_log: accessLog,
  metrics,
  handlers,
  proxy,
  content,
  mirrors,
  audits,
  limits,
  site
} as const satisfies Readonly<Record<string, Section>>

/** Every setting: a key without a default is undefined where nobody sets it. */
export type Configuration = {
  readonly [S in keyof typeof SCHEMA as Camel<S>]: Settings<(typeof SCHEMA)[S]>
}

type Settings<Fields> = {
  readonly [K in keyof Fields as Camel<K & string>]: Fields[K] extends { default: unknown }
    ? Value<Fields[K]>
    : Value<Fields[K]> | undefined
}

/** `default` is left out since typebox narrows a type to it. */
type Value<F> = XStatic<unknown, Omit<F, 'default'>>

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

export interface Setting {
  /** Dotted: 'gateway.http_port'. */
  readonly key: string
  /** As TypeScript reads them: 'accessLog' and 'httpPort'. */
  readonly section: string
  readonly property: string
  readonly variable: string
  readonly field: Field
}

/** The schema as a list, in the order of the file. */
export const SETTINGS: readonly Setting[] = Object.entries(SCHEMA).flatMap(([name, fields]) =>
  Object.entries<Field>(fields).map(([key, field]) => ({
    key: `${name}.${key}`,
    section: camelOf(name),
    property: camelOf(key),
    variable: `PLEXNET_${name}_${key}`.toUpperCase(),
    field
  }))
)

function camelOf(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
