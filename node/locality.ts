import type { FullAddress } from '../identity/index.ts'
import type { Standing } from '../overlay/content/fetch/index.ts'
import type { Network } from './network.ts'

/** Takes in the round trips that libp2p measures on connections that stand. */
export function observePings({ overlay, discovery, locality }: Network): void {
  for (const { peerId, latency } of overlay.peers()) {
    const record = discovery.neighbour(peerId)

    if (record != null && latency != null) locality.observe(record, latency)
  }
}

/** How far a node is, and how far it is trusted to mirror. */
export function standingOf(network: Network | undefined, address: FullAddress): Standing {
  const distance = network?.locality.distance(address)
  const trust = network?.trust.level('mirror', address) ?? 0

  if (distance == null) return { trust }

  return distance.isMeasured
    ? { trust, roundTrip: distance.roundTrip }
    : { trust, claimedRoundTrip: distance.roundTrip }
}
