import { BlockList, isIP } from 'node:net'

// Special-purpose addresses that no stranger's web server has (IANA registries of RFC 6890, RFC 4291, RFC 6052): whoever names one as a source
// wants this node to reach into its own machine or network.
const PRIVATE: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  // An IPv4 address in another form is judged as what it is, below; these reach the rest of them.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8]
]

const list = new BlockList()

for (const [network, prefix] of PRIVATE) {
  list.addSubnet(network, prefix, isIP(network) === 4 ? 'ipv4' : 'ipv6')
}

/** Whether an IP address belongs to a machine on the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)

  // BlockList knows an IPv4 address mapped into IPv6 by its own rules.
  return family !== 0 && !list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
