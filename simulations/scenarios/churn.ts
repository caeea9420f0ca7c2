import { HOUR, MILLISECOND, SECOND } from '../engine/ticks.ts'
import { ChurningNetwork } from '../kademlia/churning-network.ts'
import { Sample, Timeline } from '../measures.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { messageBytes, MESSAGE_PARAMETERS } from './shared/message-bytes.ts'
import {
  checkNetwork,
  MAX_NODES,
  NETWORK_PARAMETERS,
  networkOf
} from './shared/network-parameters.ts'
import { limitReach, REACH_PARAMETERS } from './shared/reach-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'
import {
  ACTIVITY_PARAMETERS,
  checkSessions,
  churnOf,
  SESSION_PARAMETERS
} from './shared/session-parameters.ts'
import { checkEvery, foundNearest } from './shared/truth.ts'

/** Points of a line over time. */
const STRETCHES = 24

/** Lookups in a network whose nodes come and go. */
export const CHURN: Scenario = {
  name: 'churn',
  title: 'Lookups while nodes come and go',
  description:
    'Nodes join through one that is on, keep their tables fresh, look up random keys and leave without a word. Does a lookup find the node that is nearest just then, and what does the upkeep cost?',
  parameters: {
    nodes: {
      description: 'nodes, on or off',
      unit: 'count',
      default: '2000',
      least: 10,
      most: MAX_NODES
    },
    ...SESSION_PARAMETERS,
    ...ACTIVITY_PARAMETERS,
    ...MESSAGE_PARAMETERS,
    ...REACH_PARAMETERS,
    ...NETWORK_PARAMETERS
  },
  figures: {
    found: { label: 'Nearest node found', unit: '%', headline: true },
    median: { label: 'Time of a lookup, median', unit: 'ms', headline: true },
    traffic: { label: 'Traffic of a node', unit: 'B/s', headline: true },
    p95: { label: 'Time of a lookup, 95th percentile', unit: 'ms' },
    timeouts: { label: 'Timeouts of a lookup', unit: '' },
    hops: { label: 'Hops', unit: '' },
    join: { label: 'Time of a join, median', unit: 's' },
    stale: { label: 'Contacts in tables that are off', unit: '%' },
    live: { label: 'Nodes on at the end', unit: '' }
  },
  charts: {
    found: { title: 'Nearest node found', x: 'time, h', y: 'lookups, %' },
    time: { title: 'Time of a lookup', x: 'lookups, %', y: 'ms' }
  },
  leavesOut: [
    'A node answers at once: work, queues and connections take no time.',
    'Nodes go without a word; those that are shut down properly could say so.',
    'Each node is as likely to be away as any other; real networks have a core that is always on, which makes lookups better than here.',
    'Connections stand already: dialling, punching and the setting up of a relay take no time, and a node that asks is not thereby reached itself.'
  ],
  check: values => checkNetwork(values) ?? checkSessions(values),
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const network = networkOf(setup, { refresh: numberOf(values, 'refresh') })
  const { simulation, kademlia } = network

  limitReach(network, values)

  const warmUp = numberOf(values, 'warm-up')
  const until = warmUp + numberOf(values, 'duration')
  const interval = numberOf(values, 'lookup.interval')
  const every = checkEvery((network.nodes * until) / interval)
  const found = new Timeline(until, STRETCHES)
  const seen = {
    found: new Sample(),
    time: new Sample(),
    timeouts: new Sample(),
    hops: new Sample(),
    join: new Sample()
  }
  let lookups = 0
  let before = { bytes: 0, time: 0 }
  const churning = new ChurningNetwork({
    network,
    begin: churnOf(setup),
    lookupInterval: interval,
    needed: 1,
    onLookup: result => {
      lookups += 1
      if (lookups % every === 0) {
        const isFound = foundNearest(network, churning.live.values(), result)

        found.add(simulation.now, isFound ? 100 : 0)
        if (result.started >= warmUp) seen.found.add(isFound ? 100 : 0)
      }
      if (result.started < warmUp) return
      if (before.time === 0)
        before = { bytes: messageBytes(values, kademlia.exchange), time: simulation.now }
      seen.time.add((simulation.now - result.started) / MILLISECOND)
      seen.timeouts.add(result.timeouts)
      seen.hops.add(result.hops)
    },
    onJoined: took => seen.join.add(took / SECOND)
  })

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    until,
    prepare: churning.prepare(),
    outcome: () => {
      const [median = Number.NaN, p95 = Number.NaN] = seen.time.at(0.5, 0.95)
      const seconds = (simulation.now - before.time) / SECOND
      const bytes = messageBytes(values, kademlia.exchange) - before.bytes

      return {
        figures: {
          found: seen.found.mean,
          median,
          p95,
          traffic: before.time === 0 ? Number.NaN : bytes / seconds / churning.live.size,
          timeouts: seen.timeouts.mean,
          hops: seen.hops.mean,
          join: seen.join.at(0.5)[0] ?? Number.NaN,
          stale: 100 * staleShare(),
          live: churning.live.size
        },
        lines: {
          found: { lookups: found.means(HOUR) },
          time: { lookups: seen.time.distribution }
        }
      }
    }
  })

  function staleShare(): number {
    const contacts = churning.live.values().flatMap(node => kademlia.contacts(node))
    const off = contacts.filter(id => !kademlia.sessions.isUp(network.identifiers.handleOf(id)))

    return off.length / contacts.length
  }
}
