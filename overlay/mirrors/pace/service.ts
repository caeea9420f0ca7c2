import { setTimeout as delay } from 'node:timers/promises'
import { formatAddress } from '../../../identity/index.ts'
import { MirrorPausedError } from '../errors.ts'
import type { MirroredSite } from '../mirrored-site.ts'
import { ByteBucket } from './byte-bucket.ts'
import { untilAllowed, type PaceLimits } from './limits.ts'

/** What may pass at once after a silence, in ms of the rate. */
const BURST = 1000

/** How long a copy that has to wait for its rate keeps others from their turn, in ms. */
const TURN = 10_000

/** The clock is looked at again after this time, since somebody may set it, in ms. */
const LONGEST_SLEEP = 30_000

export interface Clock {
  /** ms since the epoch. */
  now(): number
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => delay(milliseconds, undefined, { signal, ref: false })
}

export interface Turn {
  /** How the site is mirrored now; undefined once it is not any more. */
  readonly site: () => MirroredSite | undefined
  /** Whether others wait for theirs. */
  readonly isWaitedFor: () => boolean
}

/** Lets the bytes that one copy wants through when it is time for them. */
export interface Gate {
  /**
   * Resolves when so many bytes may be fetched.
   *
   * @throws {MirrorPausedError} where that is not before others have had their turn, or the hours have passed
   */
  pass(bytes: number, signal: AbortSignal): Promise<void>
  /** What passed as `expected` bytes had `actual` ones. */
  settle(expected: number, actual: number): void
}

/** How fast, and when, bytes are fetched for mirroring: for each site, and for all together. */
export class MirrorPace {
  readonly #limits: PaceLimits
  readonly #clock: Clock
  readonly #all: ByteBucket | undefined
  readonly #sites = new Map<string, ByteBucket>()

  constructor(limits: PaceLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#all = limits.rate == null ? undefined : bucketOf(limits.rate, clock.now())
  }

  /** For one copy of one site. */
  gate({ site, isWaitedFor }: Turn): Gate {
    const begun = this.#clock.now()
    const mayWait = (): boolean => !isWaitedFor() || this.#clock.now() - begun < TURN

    return {
      pass: async (bytes, signal) => {
        for (;;) {
          const wait = this.#waitFor(bytes, site())

          if (wait === 0) break
          if (!mayWait()) throw new MirrorPausedError(this.#clock.now())
          await this.#clock.sleep(Math.min(wait, LONGEST_SLEEP), signal)
        }

        for (const bucket of this.#buckets(site())) bucket.spend(bytes, this.#clock.now())
      },
      settle: (expected, actual) => {
        for (const bucket of this.#buckets(site())) {
          bucket.giveBack(expected - actual, this.#clock.now())
        }
      }
    }
  }

  /** Nothing is remembered of a site that is not mirrored any more. */
  forget(site: MirroredSite): void {
    this.#sites.delete(formatAddress(site.address))
  }

  /** @throws {MirrorPausedError} outside of the hours */
  #waitFor(bytes: number, site: MirroredSite | undefined): number {
    const now = this.#clock.now()

    if (site == null) throw new MirrorPausedError(now)

    const closed = untilAllowed([this.#limits, site.limits], new Date(now))

    if (closed > 0) throw new MirrorPausedError(now + closed)

    return Math.max(0, ...this.#buckets(site).map(bucket => bucket.waitFor(bytes, now)))
  }

  #buckets(site: MirroredSite | undefined): ByteBucket[] {
    const own = site?.limits.rate == null ? undefined : this.#bucketOf(site, site.limits.rate)

    return [this.#all, own].filter(bucket => bucket != null)
  }

  #bucketOf(site: MirroredSite, rate: number): ByteBucket {
    const name = formatAddress(site.address)
    const known = this.#sites.get(name)

    if (known?.rate === rate) return known

    const now = this.#clock.now()
    const bucket = bucketOf(rate, now)

    // Who changes a rate gets no second burst.
    if (known != null) bucket.spend(bucket.burst, now)
    this.#sites.set(name, bucket)

    return bucket
  }
}

function bucketOf(rate: number, now: number): ByteBucket {
  return new ByteBucket(rate, (rate * BURST) / 1000, now)
}
