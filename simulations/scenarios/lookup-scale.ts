import { MILLISECOND, SECOND } from '../engine/ticks.ts'
import { growNetwork, growthTime } from '../kademlia/grown-network.ts'
import { PURPOSE, type LookupResult } from '../kademlia/kademlia.ts'
import { settle } from '../kademlia/network.ts'
import { Population } from '../kademlia/population.ts'
import { Sample } from '../measures.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import {
  checkNetwork,
  MAX_NODES,
  NETWORK_PARAMETERS,
  networkOf
} from './shared/network-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'

export const LOOKUP = 64

/** Of a large network, so many tables are counted. */
const TABLES_COUNTED = 1000

/** Lookups of random keys in a network at rest. */
export const LOOKUP_SCALE: Scenario = {
  name: 'lookup-scale',
  title: 'Lookups in a network at rest',
  description:
    'Nodes with full tables look up random keys. How many requests one after another does it take, how long, and is the node found that is really nearest?',
  parameters: {
    nodes: {
      description: 'nodes, all on',
      unit: 'count',
      default: '10000',
      least: 2,
      most: MAX_NODES
    },
    lookups: { description: 'lookups', unit: 'count', default: '2000', least: 1, most: 10_000_000 },
    duration: {
      description: 'time over which the lookups begin',
      unit: 'duration',
      default: '60s',
      least: SECOND
    },
    end: {
      description: 'a lookup ends when the nearest node, or all of the k nearest, have answered',
      choices: ['nearest', 'all'],
      default: 'nearest'
    },
    tables: {
      description:
        'full: as after long use; grown: nodes have joined one after the other and looked up three keys each',
      choices: ['full', 'grown'],
      default: 'full'
    },
    ...NETWORK_PARAMETERS
  },
  figures: {
    found: { label: 'Nearest node found', unit: '%', headline: true },
    hops: { label: 'Hops', unit: '', headline: true },
    median: { label: 'Time, median', unit: 'ms', headline: true },
    p95: { label: 'Time, 95th percentile', unit: 'ms' },
    requests: { label: 'Requests of a lookup', unit: '' },
    timeouts: { label: 'Timeouts of a lookup', unit: '' },
    contacts: { label: 'Contacts of a table', unit: '' }
  },
  charts: {
    time: { title: 'Time of a lookup', x: 'lookups, %', y: 'ms' },
    hops: { title: 'Hops of a lookup', x: 'hops', y: 'lookups, %', bars: true }
  },
  leavesOut: [
    'Nodes neither come nor go, and their tables are as full as they ever are: see churn.',
    'A node answers at once: work, queues and connections take no time. A node of today needs milliseconds of processor a message and dials before it asks.',
    'Ids have 32 bits in place of 256; with fewer than a million nodes only the first of them matter.'
  ],
  check: checkNetwork,
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const network = networkOf(setup, { refresh: 0 })
  const { simulation, kademlia, maintenance, streams, settings } = network
  const lookups = numberOf(values, 'lookups')
  const duration = numberOf(values, 'duration')
  const needed = values['end'] === 'all' ? settings.k : 1
  const workload = streams.stream('workload')
  const seen = {
    found: new Sample(),
    hops: new Sample(),
    time: new Sample(),
    requests: new Sample(),
    timeouts: new Sample()
  }
  const isGrown = values['tables'] === 'grown'
  const beginning = isGrown ? growthTime(network.nodes) : 0
  let population: Population | undefined

  kademlia.onLookup = result => {
    if (result.purpose !== PURPOSE.workload) {
      maintenance.onLookup(result)
      return
    }
    seen.found.add(isNearest(result) ? 100 : 0)
    seen.hops.add(result.hops)
    seen.time.add((simulation.now - result.started) / MILLISECOND)
    seen.requests.add(result.requests)
    seen.timeouts.add(result.timeouts)
  }
  simulation.handle(LOOKUP, (_, node, target) =>
    kademlia.lookup(node, target, needed, PURPOSE.workload, 0)
  )

  function isNearest({ origin, target, nearest: [best = -1] }: LookupResult): boolean {
    const { identifiers } = network

    // A node does not find itself.
    return (
      population?.nearestTo(target, 2).find(id => id !== identifiers.idOf(origin)) ===
      identifiers.idOf(best)
    )
  }

  function meanContacts(): number {
    const count = Math.min(network.nodes, TABLES_COUNTED)
    const sizes = Array.from({ length: count }, (_, node) => kademlia.contacts(node).length)

    return sizes.reduce((sum, size) => sum + size, 0) / count
  }

  function* prepare(): Generator<void, void> {
    const all = [...Array(network.nodes).keys()]

    if (isGrown) {
      growNetwork(network, all)
      population = new Population(all, network.identifiers)
    } else {
      population = yield* settle(network, all)
    }

    for (let count = 0; count < lookups; count += 1) {
      simulation.after(
        beginning + Math.floor(workload.uniform() * duration),
        LOOKUP,
        workload.below(network.nodes),
        workload.bits()
      )
    }
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    // The last lookup has time to end.
    until: beginning + duration + 60 * SECOND,
    prepare: prepare(),
    outcome: () => {
      const [median = Number.NaN, p95 = Number.NaN] = seen.time.at(0.5, 0.95)

      return {
        figures: {
          found: seen.found.mean,
          hops: seen.hops.mean,
          median,
          p95,
          requests: seen.requests.mean,
          timeouts: seen.timeouts.mean,
          contacts: meanContacts()
        },
        lines: {
          time: { lookups: seen.time.distribution },
          hops: { lookups: seen.hops.histogram }
        }
      }
    }
  })
}
