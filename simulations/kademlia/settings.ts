import { HOUR, MINUTE, SECOND } from '../engine/ticks.ts'

export interface KademliaSettings {
  /** Contacts of a bucket, and of an answer. */
  readonly k: number
  /** Requests of one lookup that are under way at once. */
  readonly alpha: number
  /** Failures in a row after which a contact is dropped. */
  readonly failures: number
  /** How long an answer is waited for at most, in ticks. */
  readonly timeout: number
  /** And at most so many round trips to that node, as one that knows them waits; 0 where it does not. */
  readonly timeoutRoundTrips: number
  /** The oldest contact of a full bucket is asked for a sign of life when it was silent for so long and another could take its place; ticks. */
  readonly probeAfter: number
  /** Each bucket is refreshed once in this time, in ticks; 0 for never. */
  readonly refresh: number
  /** textbook: k-buckets and one list of the nearest; library: tables and lookups of js-libp2p's kad-dht, which the readable engine plays. */
  readonly rules: 'textbook' | 'library'
  /** Disjoint paths of a lookup by the library's rules. */
  readonly paths: number
  /** Leading bits by which the library sorts contacts into buckets. */
  readonly prefixBits: number
}

/** k, alpha and the timeout of the node's own DHT (ARCHITECTURE.md); the rest is how this Kademlia keeps its tables, where the node's library has rules of its own. */
export const NODE_SETTINGS: KademliaSettings = {
  k: 20,
  alpha: 3,
  failures: 2,
  timeout: 2 * SECOND,
  timeoutRoundTrips: 0,
  probeAfter: 10 * MINUTE,
  refresh: HOUR,
  rules: 'textbook',
  paths: 3,
  prefixBits: 6
}

/** Buckets that tables need in a network of so many nodes: beyond the last that fills, the neighbourhood is spread over two more. */
export function bucketsFor(nodes: number, k: number): number {
  let buckets = 2

  for (let left = nodes / k; left > 1; left /= 2) buckets += 1

  return Math.min(buckets, 32)
}

/** Distances in a lookup that are kept, as a multiple of k: what is further away can no longer matter. */
export const SHORTLIST = 2
