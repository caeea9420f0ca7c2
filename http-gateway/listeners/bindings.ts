import { isIP } from 'node:net'

/** One address to listen on. */
export interface Binding {
  readonly address: string
  readonly family: 4 | 6
  /** Not asked for by the configuration, so that a machine without it goes on. */
  readonly isOptional: boolean
}

const WILDCARDS = { 4: '0.0.0.0', 6: '::' } as const
const LOOPBACKS = { 4: '127.0.0.1', 6: '::1' } as const

/**
 * The addresses to listen on, IPv4 first: those that are configured and both loopback addresses (A15), and of a family whose wildcard is
 * configured nothing else, since it covers the rest.
 *
 * @throws {TypeError} for what is not an IP address
 */
export function bindingsFor(configured: readonly string[]): Binding[] {
  for (const address of configured) {
    if (isIP(address) === 0) {
      throw new TypeError(`Cannot listen on ${address}: it is not an IP address.`)
    }
  }

  return [...ofFamily(4, configured), ...ofFamily(6, configured)]
}

function ofFamily(family: 4 | 6, configured: readonly string[]): Binding[] {
  const wanted = configured.filter(address => isIP(address) === family)
  const addresses = wanted.includes(WILDCARDS[family])
    ? [WILDCARDS[family]]
    : [LOOPBACKS[family], ...wanted]

  return [...new Set(addresses)].map(address => ({
    address,
    family,
    isOptional: address === WILDCARDS[family] || address === LOOPBACKS[family]
  }))
}

/** A URL at which a program on this machine reaches the binding. */
export function urlOf(scheme: string, { address, family }: Binding, port: number): string {
  const reachable = address === WILDCARDS[family] ? LOOPBACKS[family] : address

  return `${scheme}://${family === 6 ? `[${reachable}]` : reachable}:${port}`
}
