import { LRUCache } from 'lru-cache'

/** For how long a peer that flooded this node is not let in again, in ms. */
const REFUSED_FOR = 10 * 60_000

/** Peers that are refused at a time; the first of more are let in again, and watched. */
const MAX_REFUSED = 10_000

/** Peers that are not let in for a while. */
export class RefusedPeers {
  readonly #until = new LRUCache<string, number>({ max: MAX_REFUSED })

  /** `now` in ms. */
  refuse(peerId: string, now: number): void {
    this.#until.set(peerId, now + REFUSED_FOR)
  }

  has(peerId: string, now: number): boolean {
    return (this.#until.get(peerId) ?? 0) > now
  }
}
