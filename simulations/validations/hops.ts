import { SECOND } from '../engine/ticks.ts'
import { PURPOSE } from '../kademlia/kademlia.ts'
import { createNetwork, settleNodes } from '../kademlia/network.ts'
import { constantLatency } from '../network/latency.ts'
import { fitLine } from '../statistics.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

const QUICK_SIZES = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000]
const SIZES = [...QUICK_SIZES, 128_000, 256_000, 512_000, 1_000_000]
const LOOKUPS = 4000
const LEAST_FIT = 0.99

export const HOPS: Validation = {
  name: 'hops',
  title: 'Hops of a lookup grow with the logarithm of the network',
  source:
    'Maymounkov, Mazières: "Kademlia: A Peer-to-peer Information System Based on the XOR Metric", IPTPS 2002',
  conditions: `k 20, alpha 3, full tables, ${LOOKUPS} lookups of random keys at each of the sizes 1,000 … 64,000 (quick) or … 1,000,000, each twice the one before.`,
  check
}

function check({ isQuick }: ValidationSetup): Check[] {
  const points = (isQuick ? QUICK_SIZES : SIZES).map(
    nodes => [Math.log2(nodes), meanHops(nodes)] as const
  )
  const { slope, rSquared } = fitLine(points)

  return [
    {
      what: 'linear fit of hops against log2 N',
      published: 'O(log N)',
      ours: `R² ${rSquared.toFixed(4)}, ${slope.toFixed(3)} hops for each doubling; ${points.map(([, hops]) => hops.toFixed(2)).join(', ')}`,
      tolerance: `R² > ${LEAST_FIT}`,
      verdict: verdict(rSquared > LEAST_FIT && slope > 0)
    }
  ]
}

function meanHops(nodes: number): number {
  const network = createNetwork({
    nodes,
    seed: nodes,
    engine: 'compact',
    settings: { refresh: 0 },
    latency: constantLatency(SECOND / 20)
  })
  const { kademlia, streams, simulation } = network
  const workload = streams.stream('workload')
  let hops = 0

  settleNodes(network, [...Array(nodes).keys()])
  kademlia.onLookup = result => (hops += result.hops)

  for (let lookup = 0; lookup < LOOKUPS; lookup += 1) {
    kademlia.lookup(workload.below(nodes), workload.bits(), 1, PURPOSE.workload, 0)
  }
  simulation.advance(60 * SECOND)

  return hops / LOOKUPS
}
