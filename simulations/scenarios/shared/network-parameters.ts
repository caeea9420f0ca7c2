import { HOUR } from '../../engine/ticks.ts'
import { createNetwork, type KademliaNetwork } from '../../kademlia/network.ts'
import type { KademliaSettings } from '../../kademlia/settings.ts'
import {
  constantLatency,
  matrixLatency,
  PlaneLatency,
  type Latency
} from '../../network/latency.ts'
import { parseMatrix } from '../../network/matrix.ts'
import { Streams } from '../../engine/random.ts'
import { numberOf, type Parameter, type Setup, type Values } from '../../scenario.ts'

/** The most nodes of a run: their state takes 3.3 GB. */
export const MAX_NODES = 1_000_000

/** The most nodes that the readable engine is let play with: their state takes 1 GB. */
const MAX_READABLE = 100_000

/** The parameters of every scenario on a Kademlia network, but the number of nodes. */
export const NETWORK_PARAMETERS = {
  k: {
    description: 'contacts of a bucket and of an answer',
    unit: 'count',
    default: '20',
    least: 1,
    most: 64
  },
  alpha: {
    description: 'requests of a lookup that are under way at once',
    unit: 'count',
    default: '3',
    least: 1,
    most: 64
  },
  timeout: {
    description: 'how long a node waits for an answer',
    unit: 'duration',
    default: '2s',
    least: 1000,
    most: HOUR
  },
  loss: { description: 'share of messages that get lost', unit: 'share', default: '0%', most: 0.9 },
  'latency.model': {
    description:
      'plane: places with heights, fitted to PlanetLab; constant: half of latency.mean each way; matrix: latency.file',
    choices: ['plane', 'constant', 'matrix'],
    default: 'plane'
  },
  'latency.mean': {
    description: 'mean round trip; 0s leaves the fitted plane as it is, 144 ms',
    unit: 'duration',
    default: '0s',
    most: HOUR
  },
  'latency.file': {
    description: 'square matrix of round trips in ms, for latency.model=matrix',
    file: true,
    default: ''
  },
  rules: {
    description:
      "textbook: k-buckets, and one list of the nearest for a lookup; library: as js-libp2p's kad-dht does it, which the node uses, for engine=readable",
    choices: ['textbook', 'library'],
    default: 'textbook'
  },
  paths: {
    description: 'disjoint paths of a lookup, for rules=library',
    unit: 'count',
    default: '3',
    least: 1,
    most: 64
  },
  'prefix.bits': {
    description: 'leading bits by which contacts are sorted into buckets, for rules=library',
    unit: 'count',
    default: '6',
    least: 1,
    most: 16
  },
  engine: {
    description:
      'compact: arrays; readable: objects, the same event by event, for up to 100,000 nodes',
    choices: ['compact', 'readable'],
    default: 'compact'
  }
} as const satisfies Record<string, Parameter>

/** What cannot be together, or undefined. */
export function checkNetwork(values: Values): string | undefined {
  const isMatrix = values['latency.model'] === 'matrix'

  if (isMatrix !== (values['latency.file'] !== '')) {
    return 'latency.model=matrix and latency.file go together'
  }
  if (values['latency.model'] === 'constant' && values['latency.mean'] === 0) {
    return 'latency.model=constant needs a latency.mean'
  }
  if (values['rules'] === 'library' && values['engine'] !== 'readable') {
    return 'rules=library needs engine=readable'
  }
  if (numberOf(values, 'alpha') > numberOf(values, 'k')) return 'alpha is at most k'
  if (values['engine'] === 'readable' && numberOf(values, 'nodes') > MAX_READABLE) {
    return `engine=readable takes at most ${MAX_READABLE} nodes`
  }

  return undefined
}

/** The network that the parameters describe. */
export function networkOf(
  { seed, values, files }: Setup,
  settings: Partial<KademliaSettings> = {}
): KademliaNetwork {
  const nodes = numberOf(values, 'nodes')

  return createNetwork({
    nodes,
    seed,
    engine: values['engine'] === 'readable' ? 'readable' : 'compact',
    loss: numberOf(values, 'loss'),
    latency: latencyOf(values, nodes, seed, files),
    settings: {
      k: numberOf(values, 'k'),
      alpha: numberOf(values, 'alpha'),
      timeout: numberOf(values, 'timeout'),
      rules: values['rules'] === 'library' ? 'library' : 'textbook',
      paths: numberOf(values, 'paths'),
      prefixBits: numberOf(values, 'prefix.bits'),
      ...settings
    }
  })
}

function latencyOf(
  values: Values,
  nodes: number,
  seed: number,
  files: Readonly<Record<string, string>>
): Latency {
  const mean = numberOf(values, 'latency.mean')
  const file = files['latency.file']

  if (values['latency.model'] === 'constant') return constantLatency(Math.round(mean / 2))
  if (file != null) return matrixLatency(parseMatrix(file))

  return new PlaneLatency(
    nodes,
    new Streams(seed).stream('places'),
    mean === 0 ? {} : { meanRoundTrip: mean }
  )
}
