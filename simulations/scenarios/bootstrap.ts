import { backoffDelay } from '../../discovery/backoff.ts'
import { diverseSample, type Sampled } from '../../discovery/diverse-sample.ts'
import { HOUR, MILLISECOND, SECOND } from '../engine/ticks.ts'
import { settle } from '../kademlia/network.ts'
import { Sample } from '../measures.ts'
import { LiveSet } from '../network/live-set.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import {
  checkNetwork,
  MAX_NODES,
  NETWORK_PARAMETERS,
  networkOf
} from './shared/network-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const ASK = 64
const ARRIVE = 65
const ANSWER = 66
const OVERTIME = 67

/** As the node's first contact: nodes of a sample, how many are dialled, and how long a seed is waited for. */
const SAMPLE = 20
const DIALLED = 8
const SEED_TIMEOUT: number = 5 * SECOND

/** Neighbours among which a seed chooses its sample. */
const NEIGHBOURS = 200

/** Stretches of the line over time. */
const STRETCHES = 60

/** Many newcomers at once, and seeds that are gone. */
export const BOOTSTRAP: Scenario = {
  name: 'bootstrap',
  title: 'Many join at once through few seeds',
  description:
    "Newcomers ask all their seeds side by side, take the first answer, dial the nodes of its sample and join through one that answers; else they come again after the node's own backoff. How long does it take, and what do the seeds bear?",
  parameters: {
    nodes: {
      description: 'nodes that are on the network already',
      unit: 'count',
      default: '1000',
      least: 10,
      most: MAX_NODES
    },
    newcomers: {
      description: 'nodes that join',
      unit: 'count',
      default: '1000',
      least: 1,
      most: MAX_NODES
    },
    window: {
      description: 'time within which they begin',
      unit: 'duration',
      default: '10s',
      most: HOUR
    },
    seeds: {
      description: 'seeds that each newcomer knows',
      unit: 'count',
      default: '3',
      least: 1,
      most: 16
    },
    'seeds.lost': { description: 'share of the seeds that are off', unit: 'share', default: '34%' },
    'seed.rate': {
      description: 'answers that a seed can give a second',
      unit: 'number',
      default: '50',
      least: 0.01
    },
    'sample.off': {
      description: 'share of the nodes in a sample that are off by now',
      unit: 'share',
      default: '20%'
    },
    operators: {
      description: 'networks (/16) that the nodes stand in',
      unit: 'count',
      default: '200',
      least: 1,
      most: 20_000
    },
    duration: {
      description: 'how long it is watched',
      unit: 'duration',
      default: '5m',
      least: SECOND,
      most: 24 * HOUR
    },
    ...NETWORK_PARAMETERS
  },
  figures: {
    joined: { label: 'Newcomers that have joined', unit: '%', headline: true },
    median: { label: 'Time to join, median', unit: 's', headline: true },
    p95: { label: 'Time to join, 95th percentile', unit: 's', headline: true },
    attempts: { label: 'Rounds of asking for each newcomer', unit: '' },
    busiest: { label: 'Requests to the busiest seed', unit: '' },
    networks: { label: 'Networks in a sample', unit: '' }
  },
  charts: {
    joined: { title: 'Newcomers that have joined', x: 'time, s', y: '%' },
    time: { title: 'Time to join', x: 'newcomers, %', y: 's' }
  },
  leavesOut: [
    'Newcomers remember nobody and hear of nobody on their LAN: both make a seed unnecessary.',
    'A seed that is asked too much answers late; it neither refuses nor breaks.',
    'Dialling takes no time of its own, and each newcomer can be reached.'
  ],
  check: values =>
    checkNetwork({ ...values, nodes: numberOf(values, 'nodes') + numberOf(values, 'newcomers') }),
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const old = numberOf(values, 'nodes')
  const newcomers = numberOf(values, 'newcomers')
  const network = networkOf(
    { ...setup, values: { ...values, nodes: old + newcomers } },
    { refresh: 0 }
  )
  const { simulation, kademlia, maintenance, wire, streams } = network
  const until = numberOf(values, 'duration')
  const seeds = numberOf(values, 'seeds')
  const lost = Math.round(numberOf(values, 'seeds.lost') * seeds)
  const serviceTime = SECOND / numberOf(values, 'seed.rate')
  const samples = streams.stream('samples')
  const backoffs = streams.stream('backoffs')
  const addresses = Array.from({ length: old }, () =>
    addressIn(samples.below(numberOf(values, 'operators')))
  )
  const on = new LiveSet()
  const began = new Float64Array(old + newcomers)
  const round = new Int32Array(old + newcomers)
  const attempts = new Int32Array(old + newcomers)
  const isServed = new Uint8Array(old + newcomers)
  const freeAt = new Float64Array(seeds)
  const asked = new Int32Array(seeds)
  const times: number[] = []
  const diversity = new Sample()

  kademlia.onLookup = result => maintenance.onLookup(result)
  maintenance.onJoined = node => {
    times.push(simulation.now - began[node]!)
    on.add(node)
  }
  simulation.handle(ASK, (kind, node, seed, attempt) => {
    if (kind === ASK) ask(node)
    else if (kind === ARRIVE) arrive(node, seed, attempt)
    else if (attempt === round[node] && isServed[node] === 0) {
      if (kind === ANSWER) enter(node)
      else again(node)
    }
  })

  /** All seeds side by side. */
  function ask(node: number): void {
    attempts[node]! += 1
    for (let seed = 0; seed < seeds; seed += 1) {
      simulation.after(wire.oneWay(node, seed), ARRIVE, node, seed, round[node])
    }
    simulation.after(SEED_TIMEOUT, OVERTIME, node, 0, round[node])
  }

  /** A seed answers one after the other. */
  function arrive(node: number, seed: number, attempt: number): void {
    asked[seed]! += 1
    if (seed < lost) return

    const now = simulation.now
    const doneAt = Math.max(now, freeAt[seed]!) + serviceTime

    freeAt[seed] = doneAt
    simulation.after(Math.ceil(doneAt - now) + wire.oneWay(seed, node), ANSWER, node, seed, attempt)
  }

  /** Joins through the first node of a sample that is on. */
  function enter(node: number): void {
    const neighbours = Array.from({ length: Math.min(NEIGHBOURS, old) }, () =>
      sampled(samples.below(old))
    )
    const sample = diverseSample(neighbours, SAMPLE, () => samples.uniform())
    const via = sample.slice(0, DIALLED).find(({ isOn }) => isOn)

    diversity.add(new Set(sample.map(({ network: place }) => place)).size)
    if (via == null) {
      again(node)
      return
    }
    isServed[node] = 1
    kademlia.start(node, via.node)
    maintenance.join(node)
  }

  function sampled(node: number): Sampled & { node: number; isOn: boolean; network: string } {
    const { endpoint, network: place } = addresses[node]!

    return {
      node,
      endpoints: [endpoint],
      network: place,
      isOn: samples.uniform() >= numberOf(values, 'sample.off')
    }
  }

  function again(node: number): void {
    const delay = backoffDelay(attempts[node]!, backoffs.uniform()) * MILLISECOND

    // What comes from the round before counts for nothing.
    round[node]! += 1
    simulation.after(delay, ASK, node)
  }

  function* prepare(): Generator<void, void> {
    yield* settle(network, [...Array(old).keys()])

    for (let node = old; node < old + newcomers; node += 1) {
      began[node] = Math.floor(samples.uniform() * numberOf(values, 'window'))
      simulation.after(began[node]!, ASK, node)
    }
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    until,
    prepare: prepare(),
    outcome: () => {
      const time = new Sample()

      for (const one of times) time.add(one / SECOND)

      const [median = Number.NaN, p95 = Number.NaN] = time.at(0.5, 0.95)
      const rounds = attempts.subarray(old).reduce((sum, count) => sum + count, 0)

      return {
        figures: {
          joined: (100 * times.length) / newcomers,
          median,
          p95,
          attempts: rounds / newcomers,
          busiest: Math.max(...asked),
          networks: diversity.mean
        },
        lines: {
          joined: { newcomers: joinedOverTime(times, newcomers, until) },
          time: { newcomers: time.distribution }
        }
      }
    }
  })
}

function joinedOverTime(
  times: readonly number[],
  newcomers: number,
  until: number
): (readonly [number, number])[] {
  return Array.from({ length: STRETCHES }, (_, index) => {
    const at = ((index + 1) * until) / STRETCHES

    return [at / SECOND, (100 * times.filter(time => time <= at).length) / newcomers] as const
  })
}

/** An address in a /16 network that no private range lies in. */
function addressIn(operator: number): { endpoint: string; network: string } {
  const place = `${20 + Math.floor(operator / 256)}.${operator % 256}`

  return { endpoint: `https://${place}.0.1:9010`, network: place }
}
