import type { RandomStream } from '../engine/random.ts'
import type { Exchange } from './exchange.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

/** Why a lookup was made. */
export const PURPOSE = { workload: 0, join: 1, refresh: 2 } as const

/** How a lookup ended. */
export interface LookupResult {
  readonly origin: number
  readonly target: number
  readonly purpose: number
  /** What the caller gave to tell its lookups apart. */
  readonly tag: number
  /** In ticks. */
  readonly started: number
  /** Handles of the nodes that answered and are nearest to the target, nearest first; at most k. */
  readonly nearest: readonly number[]
  /** Requests one after another that led to the nearest one. */
  readonly hops: number
  readonly requests: number
  readonly timeouts: number
}

/** What both engines, the readable and the compact one, do. */
export interface Kademlia {
  readonly sessions: Sessions
  readonly exchange: Exchange
  /** Puts the node on the network as if it had been there for long: each bucket full of nodes drawn at random from those it may hold. */
  settle(node: number, population: Population, stream: RandomStream): void
  /** Puts the node on; with `via`, it starts from nothing and knows only that node. */
  start(node: number, via?: number): void
  stop(node: number): void
  /**
   * Starts a lookup, which ends when the `needed` nearest nodes that it knows have answered; the result comes to `onLookup`, unless
   * the node goes off before.
   */
  lookup(origin: number, target: number, needed: number, purpose: number, tag: number): void
  /** The ids in the table of a node, bucket by bucket. */
  contacts(node: number): number[]
  /** The k contacts of a node that are nearest to a target, as it would answer. */
  nearest(node: number, target: number): number[]
  /** Called with each lookup that ends. */
  onLookup: (result: LookupResult) => void
}
