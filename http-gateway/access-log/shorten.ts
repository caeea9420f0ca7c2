import { ipv6Groups } from '../hosts/ipv6-groups.ts'

const KEPT_GROUPS = 3

/** The network of an address in place of it: /24 of IPv4, /48 of IPv6, which are those of a provider’s many customers and of one site. */
export function shortenAddress(address: string): string {
  if (address.includes(':')) {
    return `${ipv6Groups(address).slice(0, KEPT_GROUPS).join(':')}::`
  }

  return address.replace(/\.\d+$/, '.0')
}
