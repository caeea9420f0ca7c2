import { setTimeout as delay } from 'node:timers/promises'
import type { AbortOptions } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
import type { RecordNetwork } from '../../../discovery/index.ts'
import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import { siteKey } from '../site-key.ts'
import { openSiteRecord, type VerifiedSite } from '../site-record.ts'
import type { KnownSites } from './store.ts'
import { compareSites, isFresh, isUsable, succeed, type KnownSite } from './succession.ts'

/** What a publisher says when it is asked for its site record. */
export type PublisherAnswer =
  | { readonly kind: 'record'; readonly bytes: Uint8Array }
  | { readonly kind: 'same' | 'none' }

/** The way to the publisher itself. */
export interface PublisherLink {
  /**
   * Asks for the site record; `known` is the sequence number of the one that is here.
   *
   * @throws where the publisher cannot be reached
   */
  ask(
    address: FullAddress,
    known: number | undefined,
    options: AbortOptions
  ): Promise<PublisherAnswer>
}

export interface SiteLookupOptions {
  readonly store: KnownSites
  readonly publisher: PublisherLink
  readonly network: Pick<RecordNetwork, 'routingTableSize' | 'nearby' | 'get'>
  /** Hears of records that were refused. */
  readonly onRefused: (address: FullAddress, reason: string) => void
}

/** How often, how long and with which pauses a publisher is asked for a record that it may be about to sign; in ms. */
const RENEWAL_PAUSES = 4
const RENEWAL_WAIT = 1000
const RENEWAL_PAUSE = 250

interface Search {
  /** ms since the epoch */
  readonly begun: number
  readonly result: Promise<KnownSite | undefined>
  /** Ends when the DHT has been asked, or need not be any more; never rejects. */
  readonly inDht: Promise<void>
}

/** How long a reader waits for news of a site that is known, in ms. */
export const NEWS_WAIT = 300

/** From this age on the publisher's word is asked for again beside the answer, in ms. */
const AHEAD_AFTER = 500

/** How long the publisher alone is asked before the DHT is, in ms. */
const DHT_DELAY = 150

/** How long a publisher has for its answer, and the DHT for its own, in ms. */
const SEARCH_TIMEOUT = 10_000

/** A publisher that could not be reached is not waited for again for this long, in ms. */
const UNREACHABLE_FOR = 10_000

/** A site that nobody has a record of is not asked for again for this long, in ms. */
const NONE_FOR = 2000

/** Searches that may be under way at a time; beyond that what is known has to do. */
const MAX_SEARCHES = 256

/** Addresses that were asked for in vain, remembered at a time. */
const MAX_REMEMBERED = 4096

/** Values of the DHT that are compared. */
const ENOUGH_VALUES = 3

/** Finds the newest record of a site: in memory, on disk, at its publisher, in the DHT. */
export class SiteLookup {
  readonly #options: SiteLookupOptions
  readonly #underway = new Map<string, Promise<KnownSite | undefined>>()
  readonly #searches = new Map<string, Search>()
  readonly #none = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: NONE_FOR })
  readonly #unreachable = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: UNREACHABLE_FOR })
  readonly #abort = new AbortController()

  constructor(options: SiteLookupOptions) {
    this.#options = options
  }

  stop(): void {
    this.#abort.abort()
  }

  /** The record that the publisher stood by a moment ago; it is asked again beside those who read, so that none of them waits. */
  recall(address: FullAddress): KnownSite | undefined {
    const known = this.#options.store.recall(address)
    const now = Date.now()

    if (known == null || !isFresh(known, now)) return undefined
    if (now - known.confirmed >= AHEAD_AFTER) this.#refresh(address)

    return known
  }

  /** The newest record, undefined where the site has none; how old the publisher's word is, the answer says. */
  async find(address: FullAddress, options: AbortOptions = {}): Promise<KnownSite | undefined> {
    const name = formatAddress(address)

    if (this.#none.has(name)) return undefined

    const underway = this.recall(address) ?? this.#underway.get(name) ?? this.#share(address, name)

    options.signal?.throwIfAborted()

    return underway
  }

  /** What is known without asking anybody, however old. */
  async known(address: FullAddress): Promise<KnownSite | undefined> {
    const known = await this.#options.store.read(address)

    return known != null && isUsable(known, Date.now()) ? known : undefined
  }

  /** A newer record than the one of this number, where the publisher has one or signs one in a moment. */
  async renew(address: FullAddress, seq: number): Promise<KnownSite | undefined> {
    const name = formatAddress(address)

    for (let pause = 0; pause < RENEWAL_PAUSES; pause += 1) {
      const known = await this.known(address)
      const newest = await bounded(this.#search(address, name).result, RENEWAL_WAIT, known)

      if (newest == null || newest.site.seq > seq || this.#unreachable.has(name)) return newest

      await delay(RENEWAL_PAUSE)
    }

    return undefined
  }

  /** Takes a record that came by another way, such as a mirror; undefined where it is not the newest. */
  async learn(address: FullAddress, bytes: Uint8Array): Promise<KnownSite | undefined> {
    const known = await this.#take(address, bytes, false)

    return known?.site.bytes === bytes ? known : undefined
  }

  async #share(address: FullAddress, name: string): Promise<KnownSite | undefined> {
    const lookup = this.#lookUp(address, name).finally(() => this.#underway.delete(name))

    this.#underway.set(name, lookup)

    return lookup
  }

  async #lookUp(address: FullAddress, name: string): Promise<KnownSite | undefined> {
    const known = await this.known(address)

    if (known == null) return this.#firstAnswer(address, this.#search(address, name))
    if (isFresh(known, Date.now()) || this.#unreachable.has(name)) return known

    const { result, begun } = this.#search(address, name)

    // Whoever comes while a slow publisher is being asked waits no longer than the first did.
    return bounded(result, begun + NEWS_WAIT - Date.now(), known)
  }

  /** The publisher's word counts most, but a reader does not wait long for it where the DHT has an answer. */
  async #firstAnswer(
    address: FullAddress,
    { result, inDht }: Search
  ): Promise<KnownSite | undefined> {
    const early = inDht.then(async () => {
      const known = await this.known(address)

      return known == null ? result : bounded(result, NEWS_WAIT, known)
    })

    return Promise.race([result, early])
  }

  #refresh(address: FullAddress): void {
    const name = formatAddress(address)

    if (this.#unreachable.has(name)) return

    this.#search(address, name)
  }

  /** At the publisher and in the DHT; what comes of it is kept, whether anybody still waits for it or not. */
  #search(address: FullAddress, name: string): Search {
    const underway = this.#searches.get(name)

    if (underway != null) return underway
    // Strangers start searches through a public gateway.
    if (this.#searches.size >= MAX_SEARCHES) {
      return { result: this.known(address), inDht: Promise.resolve(), begun: Date.now() }
    }

    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(SEARCH_TIMEOUT)])
    const enough = new AbortController()
    const inDht = this.#fromDht(address, AbortSignal.any([signal, enough.signal]))
    const result = this.#ask(address, name, inDht, signal).finally(() => {
      enough.abort()
      this.#searches.delete(name)
    })
    const search = { result, inDht, begun: Date.now() }

    // Nobody may be waiting for it any more.
    result.catch(() => undefined)

    this.#searches.set(name, search)

    return search
  }

  async #ask(
    address: FullAddress,
    name: string,
    inDht: Promise<void>,
    signal: AbortSignal
  ): Promise<KnownSite | undefined> {
    try {
      const answer = await this.#fromPublisher(address, signal)

      if (answer === 'none') this.#none.set(name, true)

      return answer === 'none' ? undefined : answer
    } catch {
      this.#unreachable.set(name, true)
      await inDht

      const known = await this.known(address)

      if (known == null) this.#none.set(name, true)

      return known
    }
  }

  /** @throws where it cannot be reached */
  async #fromPublisher(
    address: FullAddress,
    signal: AbortSignal
  ): Promise<KnownSite | 'none' | undefined> {
    const before = await this.known(address)
    const answer = await this.#options.publisher.ask(address, before?.site.seq, { signal })

    if (answer.kind === 'none') return 'none'
    if (answer.kind === 'record') return this.#take(address, answer.bytes, true)
    if (before == null) return 'none'

    const known = { site: before.site, confirmed: Date.now() }

    await this.#options.store.keep(known)

    return known
  }

  /** Never rejects. */
  async #fromDht(address: FullAddress, signal: AbortSignal): Promise<void> {
    const { network } = this.#options

    try {
      await delay(DHT_DELAY, undefined, { signal })
      if (network.routingTableSize() === 0) return

      const nearby = await network.nearby(siteKey(address), { signal })

      if (nearby != null && (await this.#take(address, nearby, false)) != null) return

      let values = 0

      for await (const value of network.get(siteKey(address), { signal })) {
        await this.#take(address, value, false)
        values += 1
        if (values >= ENOUGH_VALUES) return
      }
    } catch {
      // Nobody near the key could be asked, or the publisher has answered: what is known stands.
    }
  }

  /** What is known when a record has come; one that is no good changes nothing. */
  async #take(
    address: FullAddress,
    bytes: Uint8Array,
    fromPublisher: boolean
  ): Promise<KnownSite | undefined> {
    const { store } = this.#options
    const known = await store.read(address)
    const site = this.#open(address, bytes)

    if (site == null) return known

    const succession = compareSites(known?.site, site)

    if (succession === 'older' || succession === 'conflict') {
      this.#options.onRefused(address, refusal(succession, site, known))
    }

    const next = succeed(known, site, fromPublisher, Date.now())

    if (next != null && next !== known) await store.keep(next)

    return next
  }

  #open(address: FullAddress, bytes: Uint8Array): VerifiedSite | undefined {
    try {
      return openSiteRecord(bytes, { address, now: Date.now() })
    } catch (error) {
      this.#options.onRefused(address, errorMessage(error))

      return undefined
    }
  }
}

function refusal(
  succession: 'older' | 'conflict',
  site: VerifiedSite,
  known: KnownSite | undefined
): string {
  return succession === 'older'
    ? `Record ${site.seq} is older than ${known?.site.seq ?? 0}, which was seen already.`
    : `Two different records with the number ${site.seq} are signed; the one that was seen first stands.`
}

/** The value, or `otherwise` after `wait` ms and where there is none to be had. */
async function bounded<T>(value: Promise<T>, wait: number, otherwise: T): Promise<T> {
  if (wait <= 0) return otherwise

  const enough = new AbortController()
  const late = delay(wait, otherwise, { signal: enough.signal }).catch(() => otherwise)

  try {
    return await Promise.race([value.catch(() => otherwise), late])
  } finally {
    enough.abort()
  }
}
