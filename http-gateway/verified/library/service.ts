import type { FastifyBaseLogger } from 'fastify'
import {
  formatAddress,
  formatLabel,
  type FullAddress,
  type NodeAddress
} from '../../../identity/index.ts'
import type { HttpGet, SourceChoice } from '../../../overlay/content/fetch/index.ts'
import { SiteLookup } from '../../../overlay/content/index.ts'
import { signedGetter } from '../../audit/asking/signed-getter.ts'
import type { GatewayLimits } from '../../config.ts'
import { NoSiteRecordError } from '../../errors.ts'
import type { Finder } from '../../upstream/exchange/service.ts'
import { nodeGetter } from '../../upstream/sources/node/service.ts'
import { publisherLink } from '../../upstream/sources/publisher-link.ts'
import type { ListedSource } from '../../upstream/sources/source-url.ts'
import type { Content } from '../content.ts'
import { HeadChecks } from '../head-check/service.ts'
import type { Naming } from '../representation.ts'
import { recordsOf } from '../../mirrors/records/service.ts'
import { watchedLink } from '../../mirrors/watched-link/service.ts'
import { Sites } from '../sites/service.ts'
import type { VerifyEvent } from '../verifying/report.ts'

export interface LibraryOptions {
  readonly content: Content
  readonly finder: Finder
  readonly naming: Naming
  readonly limits: GatewayLimits
  readonly logger: FastifyBaseLogger
}

export interface VerifyRequest {
  /** Asked besides those of the configuration. */
  readonly sources?: readonly ListedSource[]
  readonly signal?: AbortSignal | undefined
}

// How long mirrors are looked for, in ms.
const FIND_TIMEOUT = 10_000

/** The signed trees of other nodes: their records, and where their blocks are. */
export class Library {
  readonly lookup: SiteLookup
  readonly sites: Sites
  readonly headChecks: HeadChecks
  readonly #options: LibraryOptions

  constructor(options: LibraryOptions) {
    const { content, finder, naming, limits, logger } = options
    const client = { finder, pseudonym: naming.pseudonym, timeout: limits.lookupTimeout }
    const getterFor = (address: FullAddress): HttpGet =>
      signedGetter(nodeGetter(address, client), lie => content.onLie?.(address, lie))

    this.#options = options
    const headOf = (address: FullAddress): HttpGet =>
      nodeGetter(address, { ...client, method: 'HEAD' })

    this.sites = new Sites({ content, limits, nodeGetter: getterFor, headOf })
    this.lookup = new SiteLookup({
      store: content.knownSites,
      publisher: watchedLink(publisherLink(getterFor), async address =>
        this.sites.mirrors.search(address)
      ),
      network: recordsOf(content.network, this.sites.mirrors, getterFor),
      onRefused: (address, reason) =>
        logger.warn({ node: formatAddress(address), reason }, 'a site record was refused')
    })
    this.headChecks = new HeadChecks({
      lookup: this.lookup,
      headOf,
      logger
    })
  }

  /** The key that a bare UUID stands for; undefined where that is not settled, which the usual way tells. */
  async fullAddress(address: NodeAddress, signal: AbortSignal): Promise<FullAddress | undefined> {
    const { uuid, fp } = address

    if (fp !== undefined) {
      return { uuid, fp }
    }

    const { finder } = this.#options
    const target = { address, label: formatLabel(address) }

    try {
      const { resolution } =
        finder.recall(target) ?? (await finder.find(target, { signal, fresh: false }))

      return resolution.record.address
    } catch {
      return undefined
    }
  }

  /**
   * Why each source of a site is asked, or is not, the best first.
   *
   * @throws {NoSiteRecordError}
   */
  async choices(address: NodeAddress): Promise<SourceChoice[]> {
    const signal = AbortSignal.timeout(this.#options.limits.lookupTimeout)
    const full = await this.fullAddress(address, signal)
    const known = full && (await this.lookup.find(full))

    if (known === undefined) {
      throw new NoSiteRecordError(address)
    }

    return this.sites.choices(known.site)
  }

  /** The full address of a site that has a signed record. */
  async known(address: NodeAddress): Promise<FullAddress | undefined> {
    const signal = AbortSignal.timeout(this.#options.limits.lookupTimeout)
    const full = await this.fullAddress(address, signal)

    return full === undefined || (await this.lookup.find(full)) === undefined ? undefined : full
  }

  /**
   * Compares what every source has of a site with its signed tree, block by block; the report comes last.
   *
   * @throws {NoSiteRecordError}
   */
  async *verify(
    address: NodeAddress,
    { sources = [], signal = new AbortController().signal }: VerifyRequest
  ): AsyncGenerator<VerifyEvent> {
    const { verifySite } = await import('../verifying/service.ts')
    const full = await this.fullAddress(address, signal)
    const known = full && (await this.lookup.find(full))

    if (full === undefined || known === undefined) {
      throw new NoSiteRecordError(address)
    }

    const { cache } = this.#options.content
    const mirrors = await this.#mirrorsOf(full, signal)

    yield* verifySite({
      known,
      sources: [
        ...this.sites.describedSources(full, sources),
        ...mirrors.map(mirror => this.sites.describedMirror(full, mirror))
      ],
      cache,
      signal
    })
  }

  /** All that say they mirror a site, liars too: who is wrong is what is asked. */
  async #mirrorsOf(address: FullAddress, signal: AbortSignal): Promise<FullAddress[]> {
    const { findMirrors } = this.#options.content
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(FIND_TIMEOUT)])
    const found: FullAddress[] = []

    try {
      for await (const mirror of findMirrors?.(address, { signal: bounded }) ?? []) {
        // Anybody can say so, the publisher among them, who is asked as what it is.
        if (formatAddress(mirror.address) !== formatAddress(address)) found.push(mirror.address)
      }
    } catch {
      // The network cannot be asked now: those that were found by then are compared.
    }

    return found
  }

  async close(): Promise<void> {
    this.headChecks.close()
    this.lookup.stop()
    await this.sites.close()
  }
}
