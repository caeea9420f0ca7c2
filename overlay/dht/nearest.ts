import { hash } from 'node:crypto'

/** Up to `count` of `peers`, the nearest to a DHT key first; `id` gives a peer's multihash. */
export function nearestPeers<T>(
  key: Uint8Array,
  peers: readonly T[],
  id: (peer: T) => Uint8Array,
  count: number
): T[] {
  const target = hash('sha256', key, 'buffer')

  return peers
    .map(peer => ({ peer, distance: xor(target, hash('sha256', id(peer), 'buffer')) }))
    .toSorted((a, b) => Buffer.compare(a.distance, b.distance))
    .slice(0, count)
    .map(({ peer }) => peer)
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0))
}
