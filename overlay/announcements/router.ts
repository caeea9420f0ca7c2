import { LRUCache } from 'lru-cache'
import { formatAddress } from '../../identity/index.ts'
import { openAnnouncement, type Announcement } from './announcement.ts'
import { TokenBucket, type Rate } from './token-bucket.ts'

/** News travel this far through trust: from oneself to friends, to theirs, and so on. */
export const HORIZON = 4

/** What is looked at of what one peer passes on: a signature costs a tenth of a millisecond. */
const FROM_TRUSTED_PEER: Rate = { burst: 1000, perSecond: 200 }
const FROM_STRANGER_PEER: Rate = { burst: 60, perSecond: 10 }

/** Of what all strangers together pass on: some percent of a processor. */
const FROM_STRANGER_PEERS: Rate = { burst: 200, perSecond: 40 }

/** What is passed on of the news of one node. */
const OF_TRUSTED: Rate = { burst: 60, perSecond: 1 }
const OF_STRANGER: Rate = { burst: 4, perSecond: 1 / 60 }

/** What is passed on of the news of all strangers together. */
const OF_STRANGERS: Rate = { burst: 30, perSecond: 2 }

/** Peers and origins whose budgets are remembered; whoever is forgotten starts with a full one, within that of all strangers. */
const MAX_BUDGETS = 10_000

/** Subjects whose last news are remembered, so that old ones do not go round again. */
const MAX_SUBJECTS = 50_000

/**
 * accept: pass on and use; ignore: neither, and nobody is to blame; reject: whoever passed it on is. What is ignored for its sender was not looked at: from
 * another peer it may be good.
 */
export type Routing =
  | { readonly kind: 'accept'; readonly news: Announcement; readonly distance: number | undefined }
  | { readonly kind: 'ignore'; readonly reason: 'old' | 'budget' | 'horizon' | 'sender' }
  | { readonly kind: 'reject'; readonly reason: string }

/** The peer that passed news on. */
export interface Sender {
  readonly peer: string
  readonly isTrusted: boolean
}

export interface RouterOptions {
  /** Steps of trust to a node, 0 for oneself; undefined for a stranger. */
  readonly distanceTo: (party: string) => number | undefined
  readonly horizon?: number
  /** Reads news and checks that they prove themselves; throws where they do not. */
  readonly open?: (bytes: Uint8Array, now: number) => Announcement
}

/**
 * Which news are passed on (A28): those of nodes that trust leads to, each within a budget of its own, and of strangers what one budget for all of them
 * leaves. A flood by strangers takes nothing from what trust carries.
 */
export class Router {
  readonly #options: RouterOptions
  readonly #peers = new LRUCache<string, TokenBucket>({ max: MAX_BUDGETS })
  readonly #origins = new LRUCache<string, TokenBucket>({ max: MAX_BUDGETS })
  readonly #newest = new LRUCache<string, number>({ max: MAX_SUBJECTS })
  #strangers: TokenBucket | undefined
  #strangerPeers: TokenBucket | undefined

  constructor(options: RouterOptions) {
    this.#options = options
  }

  /** What to do with bytes that came from a peer; `now` is ms since the epoch. */
  route(bytes: Uint8Array, from: Sender, now: number): Routing {
    // Before any signature is looked at.
    if (!this.#mayLook(from, now)) return { kind: 'ignore', reason: 'sender' }

    const news = openOr(this.#options.open ?? openAnnouncement, bytes, now)

    return typeof news === 'string' ? { kind: 'reject', reason: news } : this.#judge(news, now)
  }

  /** Peers, origins and subjects that are remembered. */
  get remembered(): number {
    return this.#peers.size + this.#origins.size + this.#newest.size
  }

  /** News of this node itself count as seen. */
  published({ subject, seq }: Announcement): void {
    this.#newest.set(subject, seq)
  }

  /** A peer that becomes trusted gets the larger budget. */
  #mayLook({ peer, isTrusted }: Sender, now: number): boolean {
    if (isTrusted) return bucketOf(this.#peers, `trusted ${peer}`, FROM_TRUSTED_PEER, now).take(now)

    this.#strangerPeers ??= new TokenBucket(FROM_STRANGER_PEERS, now)

    return (
      this.#strangerPeers.has(now) &&
      bucketOf(this.#peers, peer, FROM_STRANGER_PEER, now).take(now) &&
      this.#strangerPeers.take(now)
    )
  }

  #judge(news: Announcement, now: number): Routing {
    const origin = formatAddress(news.origin)
    const distance = this.#options.distanceTo(origin)

    if ((this.#newest.get(news.subject) ?? -1) >= news.seq) return { kind: 'ignore', reason: 'old' }
    if (distance != null && distance > (this.#options.horizon ?? HORIZON)) {
      return { kind: 'ignore', reason: 'horizon' }
    }
    // After the signature: nobody can use up the budget of another.
    if (!this.#mayPass(origin, distance, now)) return { kind: 'ignore', reason: 'budget' }

    this.#newest.set(news.subject, news.seq)

    return { kind: 'accept', news, distance }
  }

  #mayPass(origin: string, distance: number | undefined, now: number): boolean {
    if (distance != null) {
      return bucketOf(this.#origins, `trusted ${origin}`, OF_TRUSTED, now).take(now)
    }

    this.#strangers ??= new TokenBucket(OF_STRANGERS, now)

    return (
      this.#strangers.has(now) &&
      bucketOf(this.#origins, origin, OF_STRANGER, now).take(now) &&
      this.#strangers.take(now)
    )
  }
}

function bucketOf(
  buckets: LRUCache<string, TokenBucket>,
  key: string,
  rate: Rate,
  now: number
): TokenBucket {
  const known = buckets.get(key)

  if (known != null) return known

  const bucket = new TokenBucket(rate, now)

  buckets.set(key, bucket)

  return bucket
}

function openOr(
  open: (bytes: Uint8Array, now: number) => Announcement,
  bytes: Uint8Array,
  now: number
): Announcement | string {
  try {
    return open(bytes, now)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
