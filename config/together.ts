import { ConfigError, type ConfigFault } from './errors.ts'
import type { Configuration } from './schema.ts'

const LOOPBACK = ['127.0.0.1', '::1']

/**
 * Settles what two settings say together.
 * @param faultOf where a key was set, for the message
 * @throws ConfigError where they contradict each other
 */
export function settle(
  configuration: Configuration,
  faultOf: (key: string) => ConfigFault
): Configuration {
  const { node, gateway, overlay, discovery } = configuration

  checkPorts(
    new Map([
      ['gateway.http_port', gateway.httpPort],
      ['gateway.https_port', gateway.httpsPort],
      ['overlay.p2p_port', overlay.p2pPort],
      ['metrics.port', configuration.metrics.port ?? 0]
    ]),
    faultOf
  )
  checkOrder(configuration, faultOf)
  if (discovery.republishInterval >= discovery.recordLifetime) {
    const allowed = 'less than discovery.record_lifetime, or the record runs out in between'

    throw new ConfigError(`discovery.republish_interval is too long; allowed: ${allowed}`, {
      ...firstSet(['discovery.republish_interval', 'discovery.record_lifetime'], faultOf),
      allowed
    })
  }

  return node.localOnly
    ? { ...configuration, gateway: { ...gateway, bind: localOf(gateway.bind, faultOf) } }
    : configuration
}

function checkPorts(
  ports: ReadonlyMap<string, number>,
  faultOf: (key: string) => ConfigFault
): void {
  const taken = [...ports].filter(([, port]) => port !== 0)

  if (new Set(taken.map(([, port]) => port)).size < taken.length) {
    const allowed = 'different ports'
    const named = taken.map(([key, port]) => `${key} = ${port}`).join(', ')

    throw new ConfigError(`two listeners have one port: ${named}; allowed: ${allowed}`, {
      ...firstSet(
        taken.map(([key]) => key),
        faultOf
      ),
      allowed
    })
  }
}

type GatewayKey = keyof Configuration['gateway']

interface Order {
  readonly less: readonly [string, GatewayKey]
  readonly more: readonly [string, GatewayKey]
  readonly isStrict: boolean
  readonly reason: string
}

const ORDERS: readonly Order[] = [
  {
    less: ['gateway.headers_timeout', 'headersTimeout'],
    more: ['gateway.request_timeout', 'requestTimeout'],
    isStrict: true,
    reason: 'since the headers are a part of the request'
  },
  {
    less: ['gateway.connect_timeout', 'connectTimeout'],
    more: ['gateway.lookup_timeout', 'lookupTimeout'],
    isStrict: true,
    reason: 'since reaching a node is a part of looking it up'
  },
  {
    less: ['gateway.max_target_length', 'maxTargetLength'],
    more: ['gateway.max_header_size', 'maxHeaderSize'],
    isStrict: true,
    reason: 'since a target that is too long for both would be told as long headers'
  },
  {
    less: ['gateway.hot_file_size', 'hotFileSize'],
    more: ['gateway.hot_bytes', 'hotBytes'],
    isStrict: false,
    reason: 'since it is kept there'
  }
]

function checkOrder({ gateway }: Configuration, faultOf: (key: string) => ConfigFault): void {
  const wrong = ORDERS.find(({ less: [, less], more: [, more], isStrict }) =>
    isStrict
      ? Number(gateway[less]) >= Number(gateway[more])
      : Number(gateway[less]) > Number(gateway[more])
  )

  if (wrong != null) {
    const {
      less: [key],
      more: [other],
      isStrict,
      reason
    } = wrong
    const allowed = `${isStrict ? 'less than' : 'at most'} ${other}, ${reason}`

    throw new ConfigError(`${key} is too large; allowed: ${allowed}`, {
      ...firstSet([key, other], faultOf),
      allowed
    })
  }
}

function localOf(bind: readonly string[], faultOf: (key: string) => ConfigFault): string[] {
  const fault = faultOf('gateway.bind')

  if (fault.origin === 'default') {
    return LOOPBACK
  }
  if (!bind.every(isLoopback)) {
    const allowed = 'loopback addresses, since node.local_only is true'

    throw new ConfigError(`gateway.bind = ${JSON.stringify(bind)}; allowed: ${allowed}`, {
      ...fault,
      allowed
    })
  }

  return [...bind]
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.')
}

/** The default is not to blame where somebody set the other. */
function firstSet(keys: readonly string[], faultOf: (key: string) => ConfigFault): ConfigFault {
  const faults = keys.map(faultOf)

  return faults.find(({ origin }) => origin !== 'default') ?? { origin: 'default' }
}
