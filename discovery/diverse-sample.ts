import { networkOf } from './network-prefix.ts'

/** At most so many nodes of one /16 (IPv4) or /32 (IPv6): one operator must not fill a newcomer's view. */
export const SAMPLE_PER_NETWORK = 2

export interface Sampled {
  /** `https://address:port` or a host name, used to tell networks apart. */
  readonly endpoints: readonly string[]
}

/** Up to `size` of `nodes`, in random order, few from any one network; `random` gives numbers in [0, 1). */
export function diverseSample<T extends Sampled>(
  nodes: readonly T[],
  size: number,
  random: () => number
): T[] {
  const perNetwork = new Map<string, number>()
  const chosen: T[] = []

  for (const node of shuffled(nodes, random)) {
    const network = networkOf(node.endpoints)
    const taken = network == null ? 0 : (perNetwork.get(network) ?? 0)

    if (chosen.length === size) break
    if (taken >= SAMPLE_PER_NETWORK) continue
    if (network != null) perNetwork.set(network, taken + 1)

    chosen.push(node)
  }

  return chosen
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
