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

export const HONEST = -1
export const SILENT = -2

/**
 * Requests and their answers. Each request ends in exactly one event at who sent it: the answer, or, where none can come any more, the
 * timeout; so a request that is answered costs no timer.
 */
export class Exchange {
  mischief: Mischief | undefined
  requests = 0
  answers = 0
  /** Contacts in all answers. */
  contacts = 0
  readonly #wire: Wire
  readonly #settings: KademliaSettings
  readonly #peers: Peers
  #lookup = new Int32Array(FIRST_CAPACITY)
  #target = new Int32Array(FIRST_CAPACITY)
  #count = new Uint8Array(FIRST_CAPACITY)
  #deadline = new Float64Array(FIRST_CAPACITY)
  #next = new Int32Array(FIRST_CAPACITY)
  #answers: Int32Array
  #free = NONE
  #used = 0

  constructor(wire: Wire, settings: KademliaSettings, peers: Peers) {
    this.#wire = wire
    this.#settings = settings
    this.#peers = peers
    this.#answers = new Int32Array(FIRST_CAPACITY * settings.k)
  }

  /** Sends a request of a lookup, or a PROBE. */
  request(from: number, to: number, lookup: number, target: number): void {
    const slot = this.#allocate()
    const deadline = this.#wire.simulation.now + this.#patience(from, to)

    this.requests += 1
    this.#lookup[slot] = lookup
    this.#target[slot] = target
    this.#deadline[slot] = deadline
    if (!this.#wire.send(REQUEST, from, to, slot)) this.#expire(from, to, slot)
  }

  /** Takes an event of one of the three kinds. */
  handle(kind: number, node: number, peer: number, slot: number): void {
    if (kind === REQUEST) this.#arrive(node, peer, slot)
    else if (kind === RESPONSE) this.#succeed(node, peer, slot)
    else this.#fail(node, peer, slot)
  }

  #arrive(node: number, from: number, slot: number): void {
    const count = this.#peers.isUp(node) ? this.#answer(node, from, slot) : SILENT
    const { simulation } = this.#wire

    if (
      count === SILENT ||
      simulation.now + this.#wire.oneWay(node, from) > this.#deadline[slot]!
    ) {
      this.#expire(from, node, slot)
      return
    }
    this.#count[slot] = count
    this.answers += 1
    this.contacts += count
    if (!this.#wire.send(RESPONSE, node, from, slot)) this.#expire(from, node, slot)
  }

  #answer(node: number, from: number, slot: number): number {
    if (this.#lookup[slot] === PROBE) {
      this.#peers.greet(node, from)

      return 0
    }

    const target = this.#target[slot]!
    const at = slot * this.#settings.k
    const count = this.mischief?.(node, from, target, this.#answers, at) ?? HONEST

    return count === HONEST ? this.#peers.answer(node, from, target, this.#answers, at) : count
  }

  #succeed(node: number, peer: number, slot: number): void {
    const lookup = this.#lookup[slot]!
    const at = slot * this.#settings.k

    this.#peers.answered(node, peer, lookup, this.#answers, at, this.#count[slot]!)
    this.#release(slot)
  }

  #fail(node: number, peer: number, slot: number): void {
    const lookup = this.#lookup[slot]!

    this.#release(slot)
    this.#peers.failed(node, peer, lookup)
  }

  #patience(from: number, to: number): number {
    const { timeout, timeoutRoundTrips } = this.#settings

    return timeoutRoundTrips === 0
      ? timeout
      : Math.min(timeout, Math.ceil(timeoutRoundTrips * 2 * this.#wire.oneWay(from, to)))
  }

  #expire(from: number, to: number, slot: number): void {
    const { simulation } = this.#wire

    simulation.after(Math.max(0, this.#deadline[slot]! - simulation.now), TIMEOUT, from, to, slot)
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const slot = this.#free

      this.#free = this.#next[slot]!

      return slot
    }
    if (this.#used === this.#lookup.length) this.#grow()
    this.#used += 1

    return this.#used - 1
  }

  #release(slot: number): void {
    this.#next[slot] = this.#free
    this.#free = slot
  }

  #grow(): void {
    const length = this.#used * 2

    this.#lookup = copyOf(this.#lookup, new Int32Array(length))
    this.#target = copyOf(this.#target, new Int32Array(length))
    this.#count = copyOf(this.#count, new Uint8Array(length))
    this.#deadline = copyOf(this.#deadline, new Float64Array(length))
    this.#next = copyOf(this.#next, new Int32Array(length))
    this.#answers = copyOf(this.#answers, new Int32Array(length * this.#settings.k))
  }
}

/** `to`, with what `from` holds at its beginning. */
function copyOf<T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from)

  return to
}
