import { ipv6Groups } from '../hosts/ipv6-groups.ts'

// A subscriber of IPv6 has a /64 at least, each of whose addresses is as good as any other.
const GROUPS_OF_A_SUBSCRIBER = 4

/** What a client is counted by: its IPv4 address, or the /64 of its IPv6 address. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')

  return plain.includes(':')
    ? ipv6Groups(plain.toLowerCase()).slice(0, GROUPS_OF_A_SUBSCRIBER).join(':')
    : plain
}
