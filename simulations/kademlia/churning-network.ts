import { backoffDelay } from '../../discovery/backoff.ts'
import { exponential } from '../engine/distributions.ts'
import type { RandomStream } from '../engine/random.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { Churn } from '../network/churn.ts'
import { LiveSet } from '../network/live-set.ts'
import { PURPOSE, type LookupResult } from './kademlia.ts'
import { settle, type KademliaNetwork } from './network.ts'

/** The events from here on are a churning network's. */
const EVENTS = 64
const LOOKUP: number = EVENTS
const JOIN: number = EVENTS + 1

export interface ChurningOptions {
  readonly network: KademliaNetwork
  /** Switches nodes; returns those that are on at first. */
  readonly begin: (churn: Churn) => readonly number[]
  /** Mean time between two lookups of a node, in ticks. */
  readonly lookupInterval: number
  /** Of a lookup: see `Kademlia.lookup`. */
  readonly needed: number
  /** Called with each lookup of the workload. */
  readonly onLookup: (result: LookupResult) => void
  /** Called with how long a join took, in ticks. */
  readonly onJoined?: (took: number) => void
}

/** A network whose nodes come and go, join through one that is on, keep their tables fresh and look up random keys. */
export class ChurningNetwork {
  readonly live = new LiveSet()
  readonly #options: ChurningOptions
  readonly #churn: Churn
  readonly #entry: RandomStream
  readonly #workload: RandomStream
  readonly #began = new Map<number, number>()

  constructor(options: ChurningOptions) {
    const { network } = options
    const { simulation, streams, nodes, kademlia, maintenance } = network

    this.#options = options
    this.#entry = streams.stream('entry')
    this.#workload = streams.stream('workload')
    this.#churn = new Churn({
      simulation,
      streams,
      nodes,
      onSwitch: (node, isOn) => (isOn ? this.#switchOn(node) : this.#switchOff(node))
    })
    simulation.handle(EVENTS, (kind, node, attempt, session) => {
      if (!kademlia.sessions.isIn(node, session)) return
      if (kind === LOOKUP) this.#lookUp(node)
      else this.#join(node, attempt)
    })
    kademlia.onLookup = result => {
      if (result.purpose === PURPOSE.workload) options.onLookup(result)
      else if (result.purpose === PURPOSE.join && result.nearest.length === 0) this.#retry(result)
      else maintenance.onLookup(result)
    }
    maintenance.onJoined = node => this.#joined(node)
  }

  /** Puts the nodes that are on at first on, as if they had been for long; a node a step. */
  *prepare(): Generator<void, void> {
    const first = this.#options.begin(this.#churn)

    yield* settle(this.#options.network, first)

    for (const node of first) {
      this.live.add(node)
      this.#goOn(node)
    }
  }

  #switchOn(node: number): void {
    const { kademlia, simulation } = this.#options.network

    this.#began.set(node, simulation.now)
    kademlia.start(node)
    this.#join(node, 1)
    this.live.add(node)
  }

  #switchOff(node: number): void {
    this.#options.network.kademlia.stop(node)
    this.live.delete(node)
    this.#began.delete(node)
  }

  /** Through any node that is on, as one that a seed tells of. */
  #join(node: number, attempt: number): void {
    const { kademlia, maintenance, simulation } = this.#options.network
    const via = this.live.draw(this.#entry, node)

    if (via == null) {
      simulation.after(this.#backoff(attempt), JOIN, node, attempt + 1, kademlia.sessions.of(node))
      return
    }
    kademlia.start(node, via)
    maintenance.join(node)
  }

  /** The way in did not answer. */
  #retry({ origin }: LookupResult): void {
    const { kademlia, simulation } = this.#options.network

    simulation.after(this.#backoff(1), JOIN, origin, 2, kademlia.sessions.of(origin))
  }

  #joined(node: number): void {
    const { simulation } = this.#options.network
    const began = this.#began.get(node)

    if (began == null) return
    this.#began.delete(node)
    this.#options.onJoined?.(simulation.now - began)
    this.#goOn(node)
  }

  #goOn(node: number): void {
    this.#options.network.maintenance.keepFresh(node)
    this.#scheduleLookup(node)
  }

  #lookUp(node: number): void {
    const { kademlia } = this.#options.network

    kademlia.lookup(node, this.#workload.bits(), this.#options.needed, PURPOSE.workload, 0)
    this.#scheduleLookup(node)
  }

  #scheduleLookup(node: number): void {
    const { simulation, kademlia } = this.#options.network
    const delay = Math.ceil(exponential(this.#workload, this.#options.lookupInterval))

    simulation.after(delay, LOOKUP, node, 0, kademlia.sessions.of(node))
  }

  /** As the node's own joining waits. */
  #backoff(attempt: number): number {
    return backoffDelay(attempt, this.#entry.uniform()) * MILLISECOND
  }
}
