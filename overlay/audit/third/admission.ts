import { LRUCache } from 'lru-cache'
import { TokenBucket, type Rate } from '../../announcements/token-bucket.ts'

/** Audits that are carried out for one node. */
const FOR_ONE: Rate = { burst: 4, perSecond: 1 / 120 }

/** For all of them together: sixteen blocks of 256 KiB each, 140 KiB a second in the long run at most. */
const FOR_ALL: Rate = { burst: 8, perSecond: 1 / 30 }

/** Of one mirror, whoever wants it: nobody can have others send it more than a slow reader would. */
const OF_MIRROR: Rate = { burst: 2, perSecond: 1 / 120 }

/** Requests whose signature is looked at. */
const LOOKED_AT: Rate = { burst: 30, perSecond: 1 }

/** Nodes that are remembered; all together have one budget, whoever is forgotten. */
const MAX_REMEMBERED = 1000

export type Refusal = 'busy' | 'stranger' | 'seen'

/** What this node knows of who asks. */
export interface Acquaintance {
  /** It is trusted, by whatever way of trust; or it publishes what this node mirrors or has read. */
  readonly isKnown: boolean
}

/** For whom, and how often, this node looks at mirrors (DESIGN section 7). Times are ms since the epoch. */
export class Admission {
  readonly #auditors = new LRUCache<string, TokenBucket>({ max: MAX_REMEMBERED })
  readonly #mirrors = new LRUCache<string, TokenBucket>({ max: MAX_REMEMBERED })
  readonly #issued = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  readonly #all: TokenBucket
  readonly #looked: TokenBucket

  constructor(now: number) {
    this.#all = new TokenBucket(FOR_ALL, now)
    this.#looked = new TokenBucket(LOOKED_AT, now)
  }

  /** Whether one more signature is looked at; asked first. */
  mayLook(now: number): boolean {
    return this.#looked.take(now)
  }

  /** Why a request is not carried out, undefined where it is. */
  refusal(
    request: { readonly auditor: string; readonly mirror: string; readonly issued: number },
    { isKnown }: Acquaintance,
    now: number
  ): Refusal | undefined {
    const { auditor, mirror, issued } = request

    if (!isKnown) return 'stranger'
    if ((this.#issued.get(auditor) ?? -1) >= issued) return 'seen'

    const one = bucketOf(this.#auditors, auditor, FOR_ONE, now)
    const target = bucketOf(this.#mirrors, mirror, OF_MIRROR, now)

    if (!one.has(now) || !target.has(now) || !this.#all.take(now)) return 'busy'

    one.take(now)
    target.take(now)
    this.#issued.set(auditor, issued)

    return undefined
  }
}

function bucketOf(
  buckets: LRUCache<string, TokenBucket>,
  name: string,
  rate: Rate,
  now: number
): TokenBucket {
  const known = buckets.get(name)

  if (known != null) return known

  const bucket = new TokenBucket(rate, now)

  buckets.set(name, bucket)

  return bucket
}
