const IPV6_GROUPS = 8
const KEPT_GROUPS = 3

/** The network of an address in place of it: /24 of IPv4, /48 of IPv6, which are those of a provider’s many customers and of one site. */
export function shortenAddress(address: string): string {
  if (address.includes(':')) {
    return `${groupsOf(address).slice(0, KEPT_GROUPS).join(':')}::`
  }

  return address.replace(/\.\d+$/, '.0')
}

/** All groups of an IPv6 address without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const before = head.split(':').filter(group => group !== '')
  const after = (tail ?? '').split(':').filter(group => group !== '')
  const missing = Math.max(0, IPV6_GROUPS - before.length - after.length)
  const zeros = Array.from({ length: tail === undefined ? 0 : missing }, () => '0')

  return [...before, ...zeros, ...after].map(group => group.replace(/^0+(?=.)/, ''))
}
