import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import type { FoundFile, HttpGet } from '../../../overlay/content/fetch/index.ts'
import type { KnownSite, SiteLookup } from '../../../overlay/content/index.ts'
import { compareHead, type HeadDifference } from './compare.ts'

export interface HeadChecksOptions {
  readonly lookup: SiteLookup
  /** HEAD at a publisher. */
  readonly headOf: (address: FullAddress) => HttpGet
  readonly logger: FastifyBaseLogger
}

/** What came of the comparisons since the start. */
export interface HeadCounts {
  readonly compared: number
  readonly different: number
}

// A site that is read is compared so often at most, with the document that is asked for just then, in ms.
const INTERVAL = 60_000

// Sites whose last comparison is remembered.
const REMEMBERED = 1024

// How long a publisher has to answer, in ms.
const TIMEOUT = 10_000

/** Compares now and then what publishers say of a document with what they signed (C12). */
export class HeadChecks {
  readonly #options: HeadChecksOptions
  readonly #last = new LRUCache<string, true>({ max: REMEMBERED, ttl: INTERVAL })
  readonly #abort = new AbortController()
  #compared = 0
  #different = 0

  constructor(options: HeadChecksOptions) {
    this.#options = options
  }

  get counts(): HeadCounts {
    return { compared: this.#compared, different: this.#different }
  }

  /** A document of a site was answered out of its tree; `path` is its target. */
  sample(known: KnownSite, file: FoundFile, path: string): void {
    const name = formatAddress(known.site.address)

    if (!this.#last.has(name)) {
      this.#last.set(name, true)
      void this.compare(known, file, path)
    }
  }

  /** Never rejects; undefined where the two agree, or the publisher cannot be asked. */
  async compare(
    known: KnownSite,
    file: FoundFile,
    path: string
  ): Promise<HeadDifference | undefined> {
    const { address, seq } = known.site
    const node = formatAddress(address)

    try {
      const difference = await this.#ask(address, file, path)

      this.#compared += 1

      if (difference === undefined || (await this.#hasMovedOn(known))) {
        return undefined
      }

      this.#different += 1
      this.#options.logger.warn(
        { node, path, seq, ...difference },
        'a publisher says something else of a document than it signed'
      )

      return difference
    } catch (error) {
      this.#options.logger.debug({ node, reason: errorMessage(error) }, 'no answer to HEAD')

      return undefined
    }
  }

  close(): void {
    this.#abort.abort()
  }

  async #ask(
    address: FullAddress,
    file: FoundFile,
    path: string
  ): Promise<HeadDifference | undefined> {
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT)])
    const headers = { 'accept-encoding': 'identity', 'want-repr-digest': 'sha-256=1' }
    const answer = await this.#options.headOf(address)(path, headers, signal)

    for await (const chunk of answer.body) void chunk

    return compareHead(answer, file)
  }

  /** A newer record explains the difference. */
  async #hasMovedOn({ site }: KnownSite): Promise<boolean> {
    const newest = await this.#options.lookup.renew(site.address, site.seq)

    return newest !== undefined && newest.site.seq > site.seq
  }
}
