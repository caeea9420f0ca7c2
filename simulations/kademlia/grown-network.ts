import { SECOND } from '../engine/ticks.ts'
import { PURPOSE } from './kademlia.ts'
import type { KademliaNetwork } from './network.ts'

/** The events from here on are a growing network's. */
const EVENTS = 112
const JOIN: number = EVENTS
const FILL: number = EVENTS + 1

/** Between two nodes that join, and for a round in which all look something up: longer than a lookup takes. */
const BETWEEN: number = 5 * SECOND
const ROUND: number = 60 * SECOND

/** Rounds in which each node looks up a random key, so that nodes that joined early meet those that came late. */
export const FILL_ROUNDS = 3

/** How long so many nodes take to join and to fill their tables, in ticks. */
export function growthTime(nodes: number): number {
  return nodes * BETWEEN + FILL_ROUNDS * ROUND
}

/**
 * Lets nodes join one after the other, each through one that is on, and look up a few random keys: tables become what they do in a young network, where those
 * who came first are known best.
 */
export function growNetwork(network: KademliaNetwork, nodes: readonly number[]): void {
  const { simulation, kademlia, maintenance, streams } = network
  const entry = streams.stream('growth')
  const joined = nodes.length * BETWEEN

  simulation.handle(EVENTS, (kind, node, other) => {
    if (kind === FILL) kademlia.lookup(node, other, 1, PURPOSE.refresh, 0)
    else if (other === node) kademlia.start(node)
    else {
      kademlia.start(node, other)
      maintenance.join(node)
    }
  })

  for (const [index, node] of nodes.entries()) {
    simulation.after(index * BETWEEN, JOIN, node, nodes[entry.below(Math.max(1, index))])
    for (let round = 0; round < FILL_ROUNDS; round += 1) {
      simulation.after(joined + round * ROUND + entry.below(ROUND / 2), FILL, node, entry.bits())
    }
  }
}
