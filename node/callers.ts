import type { Caller } from '../http-gateway/index.ts'
import { formatAddress, type FullAddress } from '../identity/index.ts'
import type { Network } from './network.ts'

/** The level at which a node is known by its certificate alone. */
const KNOWN_LEVEL = 3

/** A node that this one's owner trusts at level 3 to be what it says, in the owner's own words: what friends say of it does not count here. */
export function knownCaller(
  network: Pick<Network, 'trust' | 'names'> | undefined,
  address: FullAddress
): Caller | undefined {
  const full = formatAddress(address)
  const isKnown =
    network?.trust
      .own()
      .some(
        ({ subject, domain, level }) =>
          domain === 'identify' && level >= KNOWN_LEVEL && formatAddress(subject) === full
      ) ?? false

  if (!isKnown) return undefined

  const [name] =
    [...(network?.names.own ?? [])].find(([, each]) => formatAddress(each) === full) ?? []

  return { ...address, address: full, level: KNOWN_LEVEL, name }
}
