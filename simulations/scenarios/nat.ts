import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { Sample } from '../measures.ts'
import { PlaneLatency } from '../network/latency.ts'
import { Nats, type Connection } from '../network/nat.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const FETCH = 64

/** One-way messages to connect and ask; and, where that goes over a relay first, one more to agree on a moment for punching. */
const DIRECT_TURNS = 4
const PUNCHED_TURNS = 5

/** Readers and publishers behind NATs. */
export const NAT: Scenario = {
  name: 'nat',
  title: 'Who can reach whom through NATs',
  description:
    'Readers open sites of publishers that may stand behind a NAT as they do. How often does it come about directly, by a punched hole, over a relay, or not at all, and how long until the first byte?',
  parameters: {
    nodes: { description: 'nodes', unit: 'count', default: '2000', least: 2, most: 1_000_000 },
    fetches: {
      description: 'sites that are opened',
      unit: 'count',
      default: '20000',
      least: 1,
      most: 10_000_000
    },
    behind: { description: 'nodes behind a NAT', unit: 'share', default: '60%' },
    symmetric: {
      description: 'of these, with a mapping for each destination',
      unit: 'share',
      default: '15%'
    },
    punched: {
      description: 'attempts to punch a hole that succeed, as measured 70 ± 7.1 %',
      unit: 'share',
      default: '70%'
    },
    relayed: {
      description: 'nodes behind a NAT that hold a reservation at a relay',
      unit: 'share',
      default: '90%'
    },
    'relay.limit': {
      description: 'whether a relay carries content, or only what it takes to punch a hole',
      choices: ['content', 'signalling'],
      default: 'signalling'
    }
  },
  figures: {
    reached: { label: 'Sites that are reached', unit: '%', headline: true },
    direct: { label: 'Directly', unit: '%', headline: true },
    punched: { label: 'Through a punched hole', unit: '%', headline: true },
    relayed: { label: 'Over a relay', unit: '%', headline: true },
    lost: { label: 'Not at all', unit: '%' },
    median: { label: 'First byte, median', unit: 'ms' },
    p95: { label: 'First byte, 95th percentile', unit: 'ms' }
  },
  charts: { time: { title: 'Time to the first byte', x: 'sites that are reached, %', y: 'ms' } },
  leavesOut: [
    'Punching succeeds by chance for a pair, the same each time; what NATs do with ports and timers is not played.',
    'Relays have room for all, and stand where any node may stand.',
    'A mirror that is open would serve the site of a publisher that is not: see flash-crowd and capacity-plan.',
    'The node as it is built has no relay and punches no holes yet.'
  ],
  begin
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const nodes = numberOf(values, 'nodes')
  const fetches = numberOf(values, 'fetches')
  const latency = new PlaneLatency(nodes, streams.stream('places'))
  const stream = streams.stream('fetches')
  const counts: Record<Connection, number> = { direct: 0, punched: 0, relayed: 0, none: 0 }
  const times = new Sample()
  let done = 0
  const nats = new Nats(
    nodes,
    {
      behind: numberOf(values, 'behind'),
      symmetric: numberOf(values, 'symmetric'),
      punched: numberOf(values, 'punched'),
      relayed: numberOf(values, 'relayed')
    },
    streams
  )

  simulation.handle(FETCH, (_, reader, publisher) => {
    const connection = nats.connect(reader, publisher)
    const isCarried = connection !== 'relayed' || values['relay.limit'] === 'content'

    done += 1
    counts[isCarried ? connection : 'none'] += 1
    if (isCarried && connection !== 'none')
      times.add(timeOf(connection, reader, publisher) / MILLISECOND)
    if (done < fetches) next(MILLISECOND)
  })
  next(0)

  function next(delay: number): void {
    const reader = stream.below(nodes)
    const other = stream.below(nodes - 1)

    simulation.after(delay, FETCH, reader, other < reader ? other : other + 1)
  }

  function timeOf(connection: Connection, reader: number, publisher: number): number {
    const way = latency.oneWay(reader, publisher)

    if (connection === 'direct' && nats.isOpen(publisher)) return DIRECT_TURNS * way

    const relay = stream.below(nodes)
    const detour = latency.oneWay(reader, relay) + latency.oneWay(relay, publisher)

    if (connection === 'relayed') return DIRECT_TURNS * detour

    return (connection === 'punched' ? PUNCHED_TURNS : DIRECT_TURNS) * detour + DIRECT_TURNS * way
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => nodes,
    until: fetches * MILLISECOND,
    outcome: () => {
      const [median = Number.NaN, p95 = Number.NaN] = times.at(0.5, 0.95)
      const percent = (count: number): number => (100 * count) / done

      return {
        figures: {
          reached: percent(done - counts.none),
          direct: percent(counts.direct),
          punched: percent(counts.punched),
          relayed: percent(counts.relayed),
          lost: percent(counts.none),
          median,
          p95
        },
        lines: { time: { sites: times.distribution } }
      }
    }
  })
}
