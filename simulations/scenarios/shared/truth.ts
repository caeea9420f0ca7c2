import { distance } from '../../kademlia/identifiers.ts'
import type { LookupResult } from '../../kademlia/kademlia.ts'
import type { KademliaNetwork } from '../../kademlia/network.ts'

/** Of a run, so many lookups are held against the truth: each costs a look at all nodes. */
const CHECKED = 2000

/** How many lookups go by for one that is checked. */
export function checkEvery(expected: number): number {
  return Math.max(1, Math.ceil(expected / CHECKED))
}

/** Whether a lookup found the node that is nearest of all that are on, but itself. */
export function foundNearest(
  { identifiers }: KademliaNetwork,
  live: Iterable<number>,
  { origin, target, nearest: [found] }: LookupResult
): boolean {
  let best = -1
  let least = Infinity

  for (const node of live) {
    const away = distance(identifiers.idOf(node), target)

    if (away < least && node !== origin) {
      best = node
      least = away
    }
  }

  return found === best
}
