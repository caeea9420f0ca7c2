import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { type Latency, PlaneLatency } from '../network/latency.ts'
import { Wire } from '../network/wire.ts'
import { CompactKademlia } from './compact/engine.ts'
import { Identifiers } from './identifiers.ts'
import { Maintenance } from './maintenance.ts'
import { Population } from './population.ts'
import { ReadableKademlia } from './readable/engine.ts'
import { type Kademlia } from './kademlia.ts'
import { bucketsFor, NODE_SETTINGS, type KademliaSettings } from './settings.ts'

export type EngineName = 'readable' | 'compact'

export interface NetworkOptions {
  readonly nodes: number
  readonly seed: number
  readonly engine: EngineName
  readonly settings?: Partial<KademliaSettings>
  /** Of messages, from 0 to 1. */
  readonly loss?: number
  readonly latency?: Latency
}

/** A simulated network: its clock, its wire, and Kademlia on its nodes, none of them on yet. */
export interface KademliaNetwork {
  readonly nodes: number
  readonly settings: KademliaSettings
  readonly streams: Streams
  readonly simulation: Simulation
  readonly wire: Wire
  readonly identifiers: Identifiers
  readonly kademlia: Kademlia
  readonly maintenance: Maintenance
}

export function createNetwork(options: NetworkOptions): KademliaNetwork {
  const { nodes, engine, loss = 0 } = options
  const settings = { ...NODE_SETTINGS, ...options.settings }
  const streams = new Streams(options.seed)
  const simulation = new Simulation()
  const latency = options.latency ?? new PlaneLatency(nodes, streams.stream('places'))
  const wire = new Wire({ simulation, latency, loss, lossKeys: streams.keys('loss') })
  const identifiers = new Identifiers(streams.stream('ids').bits())
  const buckets = bucketsFor(nodes, settings.k)
  const parts = { wire, identifiers, settings, nodes, buckets }
  const kademlia = engine === 'compact' ? new CompactKademlia(parts) : new ReadableKademlia(parts)
  const maintenance = new Maintenance({
    simulation,
    kademlia,
    identifiers,
    settings,
    buckets,
    streams
  })

  return { nodes, settings, streams, simulation, wire, identifiers, kademlia, maintenance }
}

/** Puts nodes on as if they had been there for long. */
export function settleNodes(network: KademliaNetwork, nodes: readonly number[]): Population {
  const settling = settle(network, nodes)

  for (;;) {
    const { value, done } = settling.next()

    if (done === true) return value
  }
}

/** The same, a node a step. */
export function* settle(
  { kademlia, identifiers, streams }: KademliaNetwork,
  nodes: readonly number[]
): Generator<void, Population> {
  const population = new Population(nodes, identifiers)
  const stream = streams.stream('tables')

  for (const node of nodes) {
    kademlia.settle(node, population, stream)
    yield
  }

  return population
}
