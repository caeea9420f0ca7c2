import { isIP } from 'node:net'

const PRIVATE_V4 =
  /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./
const PRIVATE_V6 = /^(::1$|f[cd]|fe[89ab])/i

/**
 * The /16 or /32 that the first public endpoint lies in; undefined for private addresses and names,
 * which are no evidence of anything.
 */
export function networkOf(endpoints: readonly string[]): string | undefined {
  return endpoints.map(prefixOf).find(prefix => prefix != null)
}

/** Whether an address is loopback, private, link-local, unique-local or carrier-grade NAT. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_V4.test(address) || PRIVATE_V6.test(address)
}

function prefixOf(endpoint: string): string | undefined {
  const host = URL.parse(endpoint)?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const family = isIP(host)

  if (family === 0 || isPrivateAddress(host)) return undefined

  if (family === 4) return host.split('.').slice(0, 2).join('.')

  const [first = '', second = ''] = host.split(':')

  // Where `::` stands for the second group, it is zero.
  return `${first === '' ? '0' : first}:${second === '' ? '0' : second}`
}
