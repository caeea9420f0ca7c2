import type { Wire } from '../../network/wire.ts'
import { Exchange, KADEMLIA_EVENTS, PROBE, type Peers } from '../exchange.ts'
import type { Identifiers } from '../identifiers.ts'
import type { Population } from '../population.ts'
import type { Kademlia, LookupResult } from '../kademlia.ts'
import type { KademliaSettings } from '../settings.ts'
import { Sessions } from '../sessions.ts'
import type { RandomStream } from '../../engine/random.ts'
import { Lookup } from './lookup.ts'
import { PathLookup } from './path-lookup.ts'
import { PrefixTable } from './prefix-table.ts'
import { RoutingTable } from './routing-table.ts'
import type { Table } from './table.ts'
import type { Walk } from './walk.ts'

export interface EngineOptions {
  readonly wire: Wire
  readonly identifiers: Identifiers
  readonly settings: KademliaSettings
  readonly nodes: number
  readonly buckets: number
}

/** Kademlia with an object for each node, table and lookup: to be read, and to check the compact engine by. */
export class ReadableKademlia implements Kademlia, Peers {
  onLookup: (result: LookupResult) => void = () => undefined
  readonly sessions: Sessions
  readonly exchange: Exchange
  readonly #options: EngineOptions
  readonly #tables: Table[]
  readonly #lookups = new Map<number, Walk>()
  #lookupsStarted = 0

  constructor(options: EngineOptions) {
    const { wire, settings, identifiers, nodes, buckets } = options
    const isLibrary = settings.rules === 'library'

    this.#options = options
    this.sessions = new Sessions(nodes)
    this.exchange = new Exchange(wire, settings, this)
    this.#tables = Array.from({ length: nodes }, (_, node) =>
      isLibrary
        ? new PrefixTable(identifiers.idOf(node), settings)
        : new RoutingTable(identifiers.idOf(node), buckets, settings)
    )
    wire.simulation.handle(KADEMLIA_EVENTS, (kind, a, b, c) => this.exchange.handle(kind, a, b, c))
  }

  isUp(node: number): boolean {
    return this.sessions.isUp(node)
  }

  settle(node: number, population: Population, stream: RandomStream): void {
    const { settings, buckets, identifiers } = this.#options

    if (settings.rules === 'library') {
      for (const id of population.drawPrefixes(settings.prefixBits, settings.k, stream)) {
        this.#tables[node]!.touch(id, this.#now)
      }
      this.sessions.start(node)
      return
    }

    const ids = new Int32Array(buckets * settings.k)
    const counts = new Uint8Array(buckets)

    population.fill(identifiers.idOf(node), { k: settings.k, buckets }, stream, ids, counts)
    counts.forEach((count, bucket) => {
      for (let index = 0; index < count; index += 1) {
        this.#tables[node]!.touch(ids[bucket * settings.k + index]!, this.#now)
      }
    })
    this.sessions.start(node)
  }

  start(node: number, via?: number): void {
    if (via != null) {
      this.#tables[node]!.clear()
      this.#tables[node]!.touch(this.#options.identifiers.idOf(via), this.#now)
    }
    this.sessions.start(node)
  }

  stop(node: number): void {
    this.sessions.stop(node)
  }

  lookup(origin: number, target: number, needed: number, purpose: number, tag: number): void {
    const session = this.sessions.of(origin)
    const Rule = this.#options.settings.rules === 'library' ? PathLookup : Lookup
    const lookup = new Rule(
      { origin, session, target, needed, purpose, tag, started: this.#now },
      this.#options.identifiers.idOf(origin),
      this.#options.settings
    )
    const number = this.#lookupsStarted

    this.#lookupsStarted += 1
    this.#lookups.set(number, lookup)

    const nearest = this.#tables[origin]!.nearest(target)

    lookup.learn(nearest, 0, nearest.length, 1)
    this.#proceed(number, lookup)
  }

  contacts(node: number): number[] {
    return this.#tables[node]!.contacts
  }

  nearest(node: number, target: number): number[] {
    return this.#tables[node]!.nearest(target)
  }

  answer(node: number, from: number, target: number, answers: Int32Array, at: number): number {
    const count = this.#tables[node]!.writeNearest(
      target,
      answers,
      at,
      this.#options.identifiers.idOf(from)
    )

    this.greet(node, from)

    return count
  }

  greet(node: number, from: number): void {
    const silent = this.#tables[node]!.touch(this.#options.identifiers.idOf(from), this.#now)

    if (silent != null)
      this.exchange.request(node, this.#options.identifiers.handleOf(silent), PROBE, 0)
  }

  answered(
    node: number,
    peer: number,
    number: number,
    answers: Int32Array,
    at: number,
    count: number
  ): void {
    const lookup = this.#lookups.get(number)

    if (this.#options.settings.rules === 'library') {
      for (let index = at; index < at + count; index += 1) this.#hear(node, answers[index]!)
    }

    if (lookup == null) {
      if (this.isUp(node)) this.greet(node, peer)
      return
    }

    const hops = lookup.settle(this.#options.identifiers.idOf(peer), 'answered')

    if (this.#isCurrent(lookup)) {
      this.greet(node, peer)
      if (hops != null)
        lookup.learn(answers, at, count, hops + 1, this.#options.identifiers.idOf(peer))
    }
    this.#proceed(number, lookup)
  }

  failed(node: number, peer: number, number: number): void {
    const id = this.#options.identifiers.idOf(peer)
    const lookup = this.#lookups.get(number)

    if (this.isUp(node)) this.#tables[node]!.fail(id)
    if (lookup == null) return

    lookup.settle(id, 'failed')
    this.#proceed(number, lookup)
  }

  /** Asks on or ends; a lookup that is over stays until nothing of it is under way. */
  #proceed(number: number, lookup: Walk): void {
    if (!lookup.isOver && !this.#isCurrent(lookup)) lookup.isOver = true
    if (!lookup.isOver && lookup.isDone()) this.#end(lookup)

    if (lookup.isOver) {
      if (lookup.pending === 0) this.#lookups.delete(number)
      return
    }

    const { order } = lookup

    for (let id = lookup.next(); id != null; id = lookup.next()) {
      const peer = this.#options.identifiers.handleOf(id)

      this.exchange.request(order.origin, peer, number, order.target)
    }
  }

  #end(lookup: Walk): void {
    const { nearest, requests, timeouts } = lookup
    const { identifiers } = this.#options

    lookup.isOver = true
    this.onLookup({
      origin: lookup.order.origin,
      target: lookup.order.target,
      purpose: lookup.order.purpose,
      tag: lookup.order.tag,
      started: lookup.order.started,
      nearest: nearest.map(({ id }) => identifiers.handleOf(id)),
      hops: nearest[0]?.hops ?? 0,
      requests,
      timeouts
    })
  }

  #hear(node: number, id: number): void {
    const asked = this.isUp(node) ? this.#tables[node]!.hear(id, this.#now) : undefined

    if (asked != null)
      this.exchange.request(node, this.#options.identifiers.handleOf(asked), PROBE, 0)
  }

  #isCurrent({ order }: Walk): boolean {
    return this.sessions.isIn(order.origin, order.session)
  }

  get #now(): number {
    return this.#options.wire.simulation.now
  }
}
