import type { Network } from './network.ts'

/** Takes in the round trips that libp2p measures on connections that stand. */
export function observePings({ overlay, discovery, locality }: Network): void {
  for (const { peerId, latency } of overlay.peers()) {
    const record = discovery.neighbour(peerId)

    if (record != null && latency != null) locality.observe(record, latency)
  }
}
