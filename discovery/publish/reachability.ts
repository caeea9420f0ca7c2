import { isPrivateAddress } from '../network-prefix.ts'
import { MAX_ENDPOINTS, MAX_MULTIADDRS } from '../node-record.ts'

/** Where a node is reached just now. */
export interface Reachability {
  readonly multiaddrs: readonly string[]
  readonly endpoints: readonly string[]
  readonly host?: string
}

/** What of it fits into a record: a machine with many bridges and addresses has more than a record may have. */
export function withinRecord(reachability: Reachability): Reachability {
  const { multiaddrs, endpoints } = reachability

  return {
    ...reachability,
    multiaddrs: publicFirst(multiaddrs, MAX_MULTIADDRS, address => address.split('/')[2] ?? ''),
    endpoints: publicFirst(endpoints, MAX_ENDPOINTS, hostOf)
  }
}

export function isSameReachability(a: Reachability, b: Reachability): boolean {
  return (
    a.host === b.host &&
    isSameSet(a.multiaddrs, b.multiaddrs) &&
    isSameSet(a.endpoints, b.endpoints)
  )
}

function publicFirst(
  items: readonly string[],
  max: number,
  addressOf: (item: string) => string
): readonly string[] {
  if (items.length <= max) return items

  return items.toSorted((a, b) => rank(addressOf(a)) - rank(addressOf(b))).slice(0, max)
}

function rank(address: string): number {
  return isPrivateAddress(address) ? 1 : 0
}

function hostOf(endpoint: string): string {
  return URL.parse(endpoint)?.hostname.replace(/^\[|\]$/g, '') ?? ''
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join(' ') === b.toSorted().join(' ')
}
