import type { FullAddress } from '../../identity/address.ts'
import type { VerifiedSite } from '../../overlay/content/site-record.ts'
import type { RandomStream, Streams } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { PlaneLatency } from '../network/latency.ts'
import { Names } from '../population/names.ts'
import type { Version } from './content.ts'
import type { Disks } from './disk.ts'
import type { Faults } from './faults.ts'
import type { Message, Received } from './message.ts'
import type { Read } from './read.ts'

/** The kind of event in which a message arrives. */
export const MESSAGE = 64

/** The clock of a node that is right, in ms since the epoch, at the beginning. */
export const EPOCH = 1_800_000_000_000

/** A rule that is left out on purpose, to see that it is noticed. */
export const MUTANTS = ['nothing', 'disk', 'check', 'order', 'bound'] as const

export type Mutant = (typeof MUTANTS)[number]

/** Who sees what happens, and knows what should. */
export interface Witness {
  /** A version is out: its publisher has it on disk. */
  readonly published: (site: number, version: Version) => void
  /** A holder has said that it has a record. */
  readonly acknowledged: (node: number, site: number, seq: number) => void
  readonly delivered: (read: Read, record: VerifiedSite) => void
  readonly failed: (read: Read) => void
  readonly refused: (what: 'block' | 'record') => void
}

export interface SurroundingsOptions {
  readonly simulation: Simulation
  readonly streams: Streams
  readonly nodes: number
  /** Nodes that hold the records of a site, and serve its blocks where they have read it. */
  readonly holders: number
  readonly without: Mutant
  readonly faults: Faults
  readonly disks: Disks
  readonly witness: Witness
}

/** What the nodes share: the network between them, their clocks and their disks, as the faults of the moment have them. */
export class Surroundings {
  readonly simulation: Simulation
  readonly streams: Streams
  readonly faults: Faults
  readonly disks: Disks
  readonly witness: Witness
  readonly without: Mutant
  readonly nodes: number
  readonly #holders: number
  readonly #latency: PlaneLatency
  readonly #names: Names
  readonly #network: RandomStream
  readonly #messages = new Map<number, Message>()
  readonly #sessions: number[]
  #sent = 0

  constructor(options: SurroundingsOptions) {
    const { simulation, streams, nodes, faults, disks, witness, without, holders } = options

    this.simulation = simulation
    this.streams = streams
    this.faults = faults
    this.disks = disks
    this.witness = witness
    this.without = without
    this.nodes = nodes
    this.#holders = holders
    this.#latency = new PlaneLatency(nodes, streams.stream('places'))
    this.#names = new Names(nodes)
    this.#network = streams.stream('network')
    this.#sessions = Array.from({ length: nodes }, () => 0)
  }

  address(node: number): FullAddress {
    return this.#names.address(node)
  }

  /** Which nodes hold the records of a site: those that follow its publisher. */
  holders(site: number): number[] {
    return Array.from({ length: this.#holders }, (_, index) => (site + 1 + index) % this.nodes)
  }

  /** What a node's clock shows, in ms. */
  clock(node: number): number {
    return EPOCH + this.simulation.now / MILLISECOND + this.faults.skew(node)
  }

  /** How often a node has crashed: what was begun before is over. */
  session(node: number): number {
    return this.#sessions[node]!
  }

  /** Whether a node is on, and has been since that session began. */
  isIn(node: number, session: number): boolean {
    return this.#sessions[node] === session && this.faults.isUp(node)
  }

  crash(node: number): void {
    this.#sessions[node]! += 1
    this.disks.crash(node)
  }

  /** It may get lost. */
  send(from: number, to: number, message: Message): void {
    if (!this.faults.passes(from, to, this.#network)) return
    this.#messages.set(this.#sent, message)
    this.simulation.after(this.#latency.oneWay(from, to), MESSAGE, to, this.#sent, from)
    this.#sent += 1
  }

  /** The message that arrives; undefined where nobody is on to take it. */
  receive(node: number, number: number): Message | undefined {
    const message = this.#messages.get(number)

    this.#messages.delete(number)

    return this.faults.isUp(node) ? message : undefined
  }

  /** The record of a site that a node holds on its disk for others. */
  held(node: number, site: number): Received | undefined {
    return this.disks.read(node, `record ${site}`)?.received
  }

  /** What the publisher of a site has on its disk. */
  ownVersion(site: number): Version | undefined {
    return this.disks.read(site, `own ${site}`)?.version
  }
}
