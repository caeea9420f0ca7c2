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
  const ports = [gateway.httpPort, gateway.httpsPort, overlay.p2pPort].filter(port => port !== 0)

  if (new Set(ports).size < ports.length) {
    const allowed = 'three different ports'
    const named = 'gateway.http_port, gateway.https_port and overlay.p2p_port'

    throw new ConfigError(`${named} are ${ports.join(', ')}; allowed: ${allowed}`, {
      ...firstSet(['gateway.http_port', 'gateway.https_port', 'overlay.p2p_port'], faultOf),
      allowed
    })
  }
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
