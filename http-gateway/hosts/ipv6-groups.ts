const GROUPS = 8

/** The eight groups of an IPv6 address, without leading zeros and zone. */
export function ipv6Groups(address: string): string[] {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const before = head.split(':').filter(group => group !== '')
  const after = (tail ?? '').split(':').filter(group => group !== '')
  const missing = Math.max(0, GROUPS - before.length - after.length)
  const zeros = Array.from({ length: tail === undefined ? 0 : missing }, () => '0')

  return [...before, ...zeros, ...after].map(group => group.replace(/^0+(?=.)/, ''))
}
