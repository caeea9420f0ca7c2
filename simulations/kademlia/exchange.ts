import type { Wire } from '../network/wire.ts'
import type { KademliaSettings } from './settings.ts'

/** The kinds of events from this one on are Kademlia's. */
export const KADEMLIA_EVENTS = 16

const REQUEST: number = KADEMLIA_EVENTS
const RESPONSE: number = KADEMLIA_EVENTS + 1
const TIMEOUT: number = KADEMLIA_EVENTS + 2

/** In place of a lookup: the request only asks for a sign of life. */
export const PROBE = -1

const NONE = -1
const FIRST_CAPACITY = 256

/** Words of a request under way; where it is over, the next that is free stands in the first. Behind them the contacts of its answer. */
const LOOKUP = 0
const NEXT_FREE: number = LOOKUP
const TARGET = 1
const COUNT = 2
/** How long a message takes between the two, in ticks. */
const WAY = 3
const ANSWERS = 4

/** What the nodes make of messages; contacts pass as ids in `answers`, from `at` on. */
export interface Peers {
  isUp(node: number): boolean
  /** A request has come; returns how many contacts it is answered with. */
  answer(node: number, from: number, target: number, answers: Int32Array, at: number): number
  /** A node that was asked for a sign of life, and who asked. */
  greet(node: number, from: number): void
  answered(
    node: number,
    peer: number,
    lookup: number,
    answers: Int32Array,
    at: number,
    count: number
  ): void
  failed(node: number, peer: number, lookup: number): void
}

/** What a node that keeps to no rule answers: a number of contacts, SILENT, or HONEST to leave it to the rules. */
export type Mischief = (
  node: number,
  from: number,
  target: number,
  answers: Int32Array,
  at: number
) => number

/** How long it takes until two nodes are connected, in ticks, before the first may ask the second: 0 where they are. Negative where they cannot connect, and it takes so long to notice. */
export type Dialling = (from: number, to: number) => number

export const HONEST = -1
export const SILENT = -2

/**
 * Requests and their answers. Each request ends in exactly one event at who sent it: the answer, or, where none can come any more, the
 * timeout; so a request that is answered costs no timer.
 */
export class Exchange {
  mischief: Mischief | undefined
  /** Set where connecting takes time or fails. */
  dialling: Dialling | undefined
  requests = 0
  answers = 0
  /** Contacts in all answers. */
  contacts = 0
  /** Connections that were tried and did not come about. */
  failedDials = 0
  readonly #wire: Wire
  readonly #settings: KademliaSettings
  readonly #peers: Peers
  readonly #stride: number
  #words: Int32Array
  #deadline = new Float64Array(FIRST_CAPACITY)
  #free = NONE
  #used = 0

  constructor(wire: Wire, settings: KademliaSettings, peers: Peers) {
    this.#wire = wire
    this.#settings = settings
    this.#peers = peers
    this.#stride = ANSWERS + settings.k
    this.#words = new Int32Array(FIRST_CAPACITY * this.#stride)
  }

  /** Sends a request of a lookup, or a PROBE. */
  request(from: number, to: number, lookup: number, target: number): void {
    const slot = this.#allocate()
    const words = this.#words
    const at = slot * this.#stride
    const way = this.#wire.oneWay(from, to)

    words[at + LOOKUP] = lookup
    words[at + TARGET] = target
    words[at + WAY] = way

    const dialling = this.dialling == null ? 0 : this.dialling(from, to)

    if (dialling < 0) {
      this.failedDials += 1
      this.#wire.simulation.after(-dialling, TIMEOUT, from, to, slot)
      return
    }
    this.requests += 1
    this.#deadline[slot] = this.#wire.simulation.now + dialling + this.#patience(way)

    const takes = dialling + this.#wire.leaving(from, 1) + way

    if (!this.#wire.send(REQUEST, from, to, slot, takes)) this.#expire(from, to, slot)
  }

  /** Takes an event of one of the three kinds. */
  handle(kind: number, node: number, peer: number, slot: number): void {
    if (kind === REQUEST) this.#arrive(node, peer, slot)
    else if (kind === RESPONSE) this.#succeed(node, peer, slot)
    else this.#fail(node, peer, slot)
  }

  #arrive(node: number, from: number, slot: number): void {
    const count = this.#peers.isUp(node) ? this.#answer(node, from, slot) : SILENT
    const at = slot * this.#stride

    if (count === SILENT) {
      this.#expire(from, node, slot)
      return
    }

    const takes = this.#words[at + WAY]! + this.#wire.leaving(node, count)

    if (this.#wire.simulation.now + takes > this.#deadline[slot]!) {
      this.#expire(from, node, slot)
      return
    }
    this.#words[at + COUNT] = count
    this.answers += 1
    this.contacts += count
    if (!this.#wire.send(RESPONSE, node, from, slot, takes)) this.#expire(from, node, slot)
  }

  #answer(node: number, from: number, slot: number): number {
    const words = this.#words
    const at = slot * this.#stride

    if (words[at + LOOKUP] === PROBE) {
      this.#peers.greet(node, from)

      return 0
    }

    const target = words[at + TARGET]!
    const count = this.mischief?.(node, from, target, words, at + ANSWERS) ?? HONEST

    return count === HONEST ? this.#peers.answer(node, from, target, words, at + ANSWERS) : count
  }

  #succeed(node: number, peer: number, slot: number): void {
    const words = this.#words
    const at = slot * this.#stride

    this.#peers.answered(node, peer, words[at + LOOKUP]!, words, at + ANSWERS, words[at + COUNT]!)
    this.#release(slot)
  }

  #fail(node: number, peer: number, slot: number): void {
    const lookup = this.#words[slot * this.#stride + LOOKUP]!

    this.#release(slot)
    this.#peers.failed(node, peer, lookup)
  }

  #patience(way: number): number {
    const { timeout, timeoutRoundTrips } = this.#settings

    return timeoutRoundTrips === 0
      ? timeout
      : Math.min(timeout, Math.ceil(timeoutRoundTrips * 2 * way))
  }

  #expire(from: number, to: number, slot: number): void {
    const { simulation } = this.#wire

    simulation.after(Math.max(0, this.#deadline[slot]! - simulation.now), TIMEOUT, from, to, slot)
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const slot = this.#free

      this.#free = this.#words[slot * this.#stride + NEXT_FREE]!

      return slot
    }
    if (this.#used === this.#deadline.length) this.#grow()
    this.#used += 1

    return this.#used - 1
  }

  #release(slot: number): void {
    this.#words[slot * this.#stride + NEXT_FREE] = this.#free
    this.#free = slot
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2)
    const deadline = new Float64Array(this.#deadline.length * 2)

    words.set(this.#words)
    deadline.set(this.#deadline)
    this.#words = words
    this.#deadline = deadline
  }
}
