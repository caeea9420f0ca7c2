import { DAY, HOUR, MINUTE } from '../engine/ticks.ts'
import { ChurningNetwork } from '../kademlia/churning-network.ts'
import { Timeline } from '../measures.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import {
  checkNetwork,
  MAX_NODES,
  NETWORK_PARAMETERS,
  networkOf
} from './shared/network-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'
import { checkSessions, churnOf, SESSION_PARAMETERS } from './shared/session-parameters.ts'
import { checkEvery, foundNearest } from './shared/truth.ts'

/** Points of a line over time. */
const STRETCHES = 60

/** The network counts as healed when this share of what it found before is found again. */
const HEALED = 0.98

/** The network is cut in two for a while. */
export const PARTITION_HEAL: Scenario = {
  name: 'partition-heal',
  title: 'A network cut in two and joined again',
  description:
    'No message passes between two parts of the network for a while. How many lookups still find the node that is nearest in the whole network, and how long after the cut is mended is all as before?',
  parameters: {
    nodes: {
      description: 'nodes, on or off',
      unit: 'count',
      default: '1000',
      least: 10,
      most: MAX_NODES
    },
    part: {
      description: 'share of the nodes in the smaller part',
      unit: 'share',
      default: '30%',
      most: 0.5
    },
    before: {
      description: 'how long before the cut',
      unit: 'duration',
      default: '1h',
      least: 10 * MINUTE,
      most: DAY
    },
    cut: {
      description: 'how long the cut lasts',
      unit: 'duration',
      default: '2h',
      least: MINUTE,
      most: 30 * DAY
    },
    after: {
      description: 'how long it is watched afterwards',
      unit: 'duration',
      default: '2h',
      least: 10 * MINUTE,
      most: 30 * DAY
    },
    refresh: {
      description: 'each bucket is refreshed once in this time',
      unit: 'duration',
      default: '1h'
    },
    'lookup.interval': {
      description: 'mean time between two lookups of a node',
      unit: 'duration',
      default: '5m',
      least: 1000
    },
    ...SESSION_PARAMETERS,
    ...NETWORK_PARAMETERS
  },
  figures: {
    before: { label: 'Found before the cut', unit: '%', headline: true },
    during: { label: 'Found during the cut', unit: '%', headline: true },
    after: { label: 'Found in the last quarter', unit: '%', headline: true },
    healed: {
      label: `Until ${HEALED * 100} % of before are found again`,
      unit: 'min',
      headline: true
    },
    apart: { label: 'Share of runs that do not heal in the time', unit: '%' }
  },
  charts: {
    found: { title: 'Nearest node of the whole network found', x: 'time, h', y: 'lookups, %' }
  },
  leavesOut: [
    'The cut is clean and has two sides; real ones leak and move.',
    'Nodes that join during the cut find somebody of their own part only if the seed they are sent through is there; here that is drawn at random among all.',
    'A node does not remember peers of before: it forgets those that fail. The node as it is built remembers 100 on disk and tries them when it is alone.'
  ],
  check: values => checkNetwork(values) ?? checkSessions(values),
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const network = networkOf(setup, { refresh: numberOf(values, 'refresh') })
  const { simulation, wire, streams, kademlia } = network
  const cutAt = numberOf(values, 'before')
  const mendedAt = cutAt + numberOf(values, 'cut')
  const until = mendedAt + numberOf(values, 'after')
  const interval = numberOf(values, 'lookup.interval')
  const every = checkEvery((network.nodes * until) / interval)
  const sides = streams.stream('sides')
  const side = Uint8Array.from({ length: network.nodes }, () =>
    sides.uniform() < numberOf(values, 'part') ? 1 : 0
  )
  const found = new Timeline(until, STRETCHES)
  let lookups = 0
  const churning = new ChurningNetwork({
    network,
    begin: churnOf(setup),
    lookupInterval: interval,
    needed: 1,
    onLookup: result => {
      lookups += 1
      if (lookups % every !== 0) return
      found.add(simulation.now, foundNearest(network, churning.live.values(), result) ? 100 : 0)
    }
  })

  wire.passage = (from, to) =>
    simulation.now < cutAt || simulation.now >= mendedAt || side[from] === side[to]

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    until,
    prepare: churning.prepare(),
    outcome: () => {
      const points = found.means(1)
      const before = meanBetween(points, 0, cutAt)
      const back = points.find(([time, mean]) => time > mendedAt && mean >= HEALED * before)

      return {
        figures: {
          before,
          during: meanBetween(points, cutAt, mendedAt),
          after: meanBetween(points, until - (until - mendedAt) / 4, until),
          healed: back == null ? Number.NaN : (back[0] - mendedAt) / MINUTE,
          apart: back == null ? 100 : 0
        },
        lines: { found: { lookups: found.means(HOUR) } }
      }
    }
  })
}

/** Of the stretches that lie wholly between two times. */
function meanBetween(
  points: readonly (readonly [time: number, mean: number])[],
  from: number,
  to: number
): number {
  const width = points[0]?.[0] ?? 0
  const means = points
    .filter(([time, mean]) => time - width >= from - 1 && time <= to + 1 && !Number.isNaN(mean))
    .map(([, mean]) => mean)

  return means.reduce((sum, mean) => sum + mean, 0) / means.length
}
