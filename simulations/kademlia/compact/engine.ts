import type { RandomStream } from '../../engine/random.ts'
import { Exchange, KADEMLIA_EVENTS, PROBE, type Peers } from '../exchange.ts'
import type { Population } from '../population.ts'
import type { EngineOptions } from '../readable/engine.ts'
import { Sessions } from '../sessions.ts'
import type { Kademlia, LookupResult } from '../kademlia.ts'
import {
  ANSWERED,
  FAILED,
  Lookups,
  NEEDED,
  ORIGIN,
  OVER,
  OWN,
  PENDING,
  PURPOSE,
  REQUESTS,
  SESSION,
  TAG,
  TARGET,
  TIMEOUTS
} from './lookups.ts'
import { Tables } from './tables.ts'

const NONE = -1

/** Kademlia as ReadableKademlia plays it, event by event, with all state in arrays: for 100,000 to a million nodes. */
export class CompactKademlia implements Kademlia, Peers {
  onLookup: (result: LookupResult) => void = () => undefined
  readonly sessions: Sessions
  readonly exchange: Exchange
  readonly #options: EngineOptions
  readonly #tables: Tables
  readonly #lookups: Lookups
  readonly #found: Int32Array

  constructor(options: EngineOptions) {
    const { wire, settings, nodes, buckets } = options

    this.#options = options
    this.sessions = new Sessions(nodes)
    this.exchange = new Exchange(wire, settings, this)
    this.#tables = new Tables(nodes, buckets, settings)
    this.#lookups = new Lookups(settings)
    this.#found = new Int32Array(settings.k)
    wire.simulation.handle(KADEMLIA_EVENTS, (kind, a, b, c) => this.exchange.handle(kind, a, b, c))
  }

  /** What the tables take. */
  get bytes(): number {
    return this.#tables.bytes
  }

  isUp(node: number): boolean {
    return this.sessions.isUp(node)
  }

  settle(node: number, population: Population, stream: RandomStream): void {
    this.#tables.settle(node, this.#idOf(node), population, stream, this.#now)
    this.sessions.start(node)
  }

  start(node: number, via?: number): void {
    if (via != null) {
      this.#tables.clear(node)
      this.#tables.touch(node, this.#idOf(node), this.#idOf(via), this.#now)
    }
    this.sessions.start(node)
  }

  stop(node: number): void {
    this.sessions.stop(node)
  }

  lookup(origin: number, target: number, needed: number, purpose: number, tag: number): void {
    const own = this.#idOf(origin)
    const lookup = this.#lookups.open(this.#now)

    this.#lookups.set(lookup, ORIGIN, origin)
    this.#lookups.set(lookup, OWN, own)
    this.#lookups.set(lookup, SESSION, this.sessions.of(origin))
    this.#lookups.set(lookup, TARGET, target)
    this.#lookups.set(lookup, NEEDED, needed)
    this.#lookups.set(lookup, PURPOSE, purpose)
    this.#lookups.set(lookup, TAG, tag)
    this.#lookups.learn(
      lookup,
      this.#found,
      0,
      this.#tables.nearest(origin, own, target, this.#found, 0),
      1
    )
    this.#proceed(lookup)
  }

  contacts(node: number): number[] {
    return this.#tables.contacts(node)
  }

  nearest(node: number, target: number): number[] {
    const count = this.#tables.nearest(node, this.#idOf(node), target, this.#found, 0)

    return [...this.#found.subarray(0, count)]
  }

  answer(node: number, from: number, target: number, answers: Int32Array, at: number): number {
    const count = this.#tables.nearest(node, this.#idOf(node), target, answers, at)

    this.greet(node, from)

    return count
  }

  greet(node: number, from: number): void {
    const id = this.#idOf(from)
    const silent = this.#tables.touch(node, this.#idOf(node), id, this.#now)

    if (silent !== id)
      this.exchange.request(node, this.#options.identifiers.handleOf(silent), PROBE, 0)
  }

  answered(
    node: number,
    peer: number,
    lookup: number,
    answers: Int32Array,
    at: number,
    count: number
  ): void {
    if (lookup === PROBE) {
      if (this.isUp(node)) this.greet(node, peer)
      return
    }

    const hops = this.#lookups.settle(lookup, this.#idOf(peer), ANSWERED)

    if (this.#isCurrent(lookup)) {
      this.greet(node, peer)
      if (hops !== NONE) this.#lookups.learn(lookup, answers, at, count, hops + 1)
    }
    this.#proceed(lookup)
  }

  failed(node: number, peer: number, lookup: number): void {
    const id = this.#idOf(peer)

    if (this.isUp(node)) this.#tables.fail(node, this.#idOf(node), id)
    if (lookup === PROBE) return

    this.#lookups.settle(lookup, id, FAILED)
    this.#proceed(lookup)
  }

  #proceed(lookup: number): void {
    const lookups = this.#lookups

    if (lookups.get(lookup, OVER) === 0) {
      if (!this.#isCurrent(lookup)) lookups.set(lookup, OVER, 1)
      else if (lookups.isDone(lookup)) this.#end(lookup)
    }
    if (lookups.get(lookup, OVER) === 1) {
      if (lookups.get(lookup, PENDING) === 0) lookups.close(lookup)
      return
    }

    const origin = lookups.get(lookup, ORIGIN)
    const target = lookups.get(lookup, TARGET)

    for (let place = lookups.next(lookup); place !== NONE; place = lookups.next(lookup)) {
      const peer = this.#options.identifiers.handleOf(lookups.idAt(lookup, place))

      this.exchange.request(origin, peer, lookup, target)
    }
  }

  #end(lookup: number): void {
    const lookups = this.#lookups
    const nearest = lookups.nearest(lookup)

    lookups.set(lookup, OVER, 1)
    this.onLookup({
      origin: lookups.get(lookup, ORIGIN),
      target: lookups.get(lookup, TARGET),
      purpose: lookups.get(lookup, PURPOSE),
      tag: lookups.get(lookup, TAG),
      started: lookups.startedAt(lookup),
      nearest: nearest.map(({ id }) => this.#options.identifiers.handleOf(id)),
      hops: nearest[0]?.hops ?? 0,
      requests: lookups.get(lookup, REQUESTS),
      timeouts: lookups.get(lookup, TIMEOUTS)
    })
  }

  #isCurrent(lookup: number): boolean {
    return this.sessions.isIn(this.#lookups.get(lookup, ORIGIN), this.#lookups.get(lookup, SESSION))
  }

  #idOf(node: number): number {
    return this.#options.identifiers.idOf(node)
  }

  get #now(): number {
    return this.#options.wire.simulation.now
  }
}
