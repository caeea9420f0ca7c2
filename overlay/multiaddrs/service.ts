import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

/**
 * The addresses that can be read, of `peerId` where it is given: one of a kind that only newer nodes know, or one
 * that leads to somebody else, spoils none of the others.
 */
export function readMultiaddrs(texts: readonly string[], peerId?: string): Multiaddr[] {
  const addresses = texts.flatMap(text => {
    try {
      return [multiaddr(peerId == null || text.includes('/p2p/') ? text : `${text}/p2p/${peerId}`)]
    } catch {
      return []
    }
  })
  const target = peerId ?? (addresses[0] && targetOf(addresses[0]))

  return addresses.filter(address => targetOf(address) === target)
}

function targetOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}
