import { LRUCache } from 'lru-cache'
import { TokenBucket, type Rate } from './token-bucket.ts'

/** What a stranger may send beyond what is looked at: ten times that, so that an honest peer with much to pass on stays far below. */
const EXCESS: Rate = { burst: 1000, perSecond: 100 }

/** News that prove nothing: an honest peer passes none on, but its clock may be wrong. */
const RUBBISH: Rate = { burst: 3, perSecond: 1 / 60 }

/** Peers that are watched; whoever is forgotten starts anew. */
const MAX_WATCHED = 1000

const RATES = { excess: EXCESS, rubbish: RUBBISH }

/** Which peers send so much that even not looking at it costs too much. */
export class FloodWatch {
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_WATCHED })

  /** Whether this was too much from `peer`; `now` in ms. */
  isFlood(peer: string, kind: keyof typeof RATES, now: number): boolean {
    const name = `${kind} ${peer}`
    const bucket = this.#buckets.get(name) ?? new TokenBucket(RATES[kind], now)

    this.#buckets.set(name, bucket)

    return !bucket.take(now)
  }
}
