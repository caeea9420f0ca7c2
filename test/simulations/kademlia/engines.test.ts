import test from 'ava'
import { exponential } from '../../../simulations/engine/distributions.ts'
import { MINUTE, SECOND } from '../../../simulations/engine/ticks.ts'
import {
  createNetwork,
  settleNodes,
  type EngineName
} from '../../../simulations/kademlia/network.ts'
import { PURPOSE, type LookupResult } from '../../../simulations/kademlia/kademlia.ts'

const LOOKUP = 64
const SWITCH = 65
const MEAN_SESSION = 5 * MINUTE

interface Played {
  readonly hash: string
  readonly events: number
  readonly results: LookupResult[]
  readonly tables: number[][]
}

for (const [nodes, lookups, minutes] of [
  [200, 400, 6],
  [600, 600, 4],
  [2000, 300, 2]
] as const) {
  test(`both engines do the same with ${nodes} nodes that come and go`, t => {
    const readable = play('readable', nodes, lookups, minutes)
    const compact = play('compact', nodes, lookups, minutes)

    t.is(compact.events, readable.events)
    t.is(compact.hash, readable.hash)
    t.deepEqual(compact.results, readable.results)
    t.deepEqual(compact.tables, readable.tables)
    t.true(readable.results.some(({ timeouts }) => timeouts > 0))
  })
}

test('a run is the same each time, and another with another seed', t => {
  t.is(play('compact', 300, 100, 5).hash, play('compact', 300, 100, 5).hash)
  t.not(play('compact', 300, 100, 5, 2).hash, play('compact', 300, 100, 5).hash)
})

test('each lookup in a settled network finds the node nearest to its target', t => {
  const network = createNetwork({
    nodes: 2000,
    seed: 5,
    engine: 'compact',
    settings: { refresh: 0 }
  })
  const { kademlia, identifiers, simulation } = network
  const population = settleNodes(network, [...Array(2000).keys()])
  const stream = network.streams.stream('workload')
  let found = 0

  kademlia.onLookup = ({ origin, target, nearest }) => {
    // A node does not find itself.
    const best = population.nearestTo(target, 2).find(id => id !== identifiers.idOf(origin))

    if (identifiers.idOf(nearest[0] ?? -1) === best) found += 1
  }
  for (let count = 0; count < 500; count += 1) {
    kademlia.lookup(stream.below(2000), stream.bits(), network.settings.k, PURPOSE.workload, 0)
  }
  simulation.advance(MINUTE)

  t.is(found, 500)
})

/** Nodes come and go, messages get lost, and lookups are made. */
function play(
  engine: EngineName,
  nodes: number,
  lookups: number,
  minutes: number,
  seed = 1
): Played {
  const network = createNetwork({
    nodes,
    seed,
    engine,
    loss: 0.01,
    settings: { k: 8, refresh: 5 * MINUTE, probeAfter: MINUTE }
  })
  const { kademlia, simulation, maintenance, streams, settings } = network
  const all = [...Array(nodes).keys()]
  const churn = streams.stream('churn')
  const work = streams.stream('workload')
  const results: LookupResult[] = []
  const later = (): number => Math.floor(exponential(churn, MEAN_SESSION))

  settleNodes(network, all)
  kademlia.onLookup = result => {
    results.push(result)
    maintenance.onLookup(result)
  }
  simulation.handle(LOOKUP, (kind, node) => {
    if (kind === LOOKUP) {
      if (kademlia.sessions.isUp(node)) {
        kademlia.lookup(node, work.bits(), settings.k, PURPOSE.workload, 0)
      }
      return
    }

    if (kademlia.sessions.isUp(node)) kademlia.stop(node)
    else {
      kademlia.start(node, churn.below(nodes))
      maintenance.join(node)
      maintenance.keepFresh(node)
    }
    simulation.after(later(), SWITCH, node)
  })

  for (const node of all) {
    maintenance.keepFresh(node)
    simulation.after(later(), SWITCH, node)
  }
  for (let count = 0; count < lookups; count += 1) {
    simulation.after(work.below(minutes * 60) * SECOND, LOOKUP, work.below(nodes))
  }
  simulation.advance(minutes * MINUTE)

  return {
    hash: simulation.trace.hash,
    events: simulation.trace.events,
    results,
    tables: all.slice(0, 50).map(node => kademlia.contacts(node))
  }
}
