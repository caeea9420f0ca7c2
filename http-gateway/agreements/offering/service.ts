import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import {
  nextOffer,
  type MirrorRecord,
  type OfferOutcome
} from '../../../overlay/agreements/index.ts'
import { readAnswer, writeOffer } from '../fields.ts'

/** A site of which a whole version is here. */
export interface OfferedSite {
  readonly address: FullAddress
  readonly root: string
  /** Of that version. */
  readonly bytes: number
  /** Room for it, in bytes. */
  readonly quota: number
}

export interface OfferingOptions {
  readonly own: FullAddress
  readonly sites: () => readonly OfferedSite[]
  /** Where a site is served by this node, the best first; none where it is reached over libp2p alone. */
  readonly places: (site: FullAddress) => readonly string[]
  /** What has been sent of a site to others, in bytes. */
  readonly served: (site: FullAddress) => number
  /** Undefined where this node has no record of itself yet. */
  readonly sign: (record: MirrorRecord) => Uint8Array | undefined
  /** Asks the publisher, with a Will-Mirror field, and returns that of its answer. */
  readonly ask: (
    publisher: FullAddress,
    field: string,
    signal: AbortSignal
  ) => Promise<string | undefined>
  /** Tells the network what this node says of itself as a mirror, signed. */
  readonly announce: (word: Uint8Array) => void
  readonly onWarning: (message: string) => void
}

/** How it stands with the publisher of a mirrored site; times are ms since the epoch. */
export interface Standing {
  readonly outcome: OfferOutcome
  readonly at: number
  /** When the publisher is asked again. */
  readonly next: number
}

// For how long an offer is made, in ms: a mirror that is gone is forgotten within a day.
const TTL = 86_400_000

// How often it is looked whether anything is due, in ms.
const TICK = 1000

// How long a publisher may take to answer, in ms.
const ASK_TIMEOUT = 20_000

// Whoever asks more often is given the same word again, in ms.
const WORD_AGE = 1000

interface Entry {
  root: string
  next: number
  repeated: number
  standing?: Standing | undefined
  isAsking: boolean
  /** The root of the version that the network was told of. */
  told?: string | undefined
  word?: { readonly bytes: Uint8Array; readonly root: string; readonly at: number } | undefined
}

/** Offers the sites that are mirrored here to their publishers, renews that, and takes it back. A publisher that is away changes nothing. */
export class Offering {
  readonly #options: OfferingOptions
  readonly #entries = new Map<string, Entry>()
  readonly #abort = new AbortController()
  readonly #open = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #seq = 0

  constructor(options: OfferingOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK).unref()
    this.#tick()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#abort.abort()
    await Promise.all(this.#open)
  }

  /** What this node says of itself as a mirror of a site, signed; undefined where it has no whole copy. */
  word(address: FullAddress): Uint8Array | undefined {
    const name = formatAddress(address)
    const site = this.#options.sites().find(each => formatAddress(each.address) === name)
    const entry = site === undefined ? undefined : this.#entryOf(site)
    const now = Date.now()

    if (site === undefined || entry === undefined) return undefined

    if (
      entry.word === undefined ||
      entry.word.root !== site.root ||
      now - entry.word.at > WORD_AGE
    ) {
      const bytes = this.#sign(site, now)

      entry.word = bytes === undefined ? undefined : { bytes, root: site.root, at: now }
    }

    return entry.word?.bytes
  }

  standing(address: FullAddress): Standing | undefined {
    return this.#entries.get(formatAddress(address))?.standing
  }

  /** A new version is here: the publisher is told at once. */
  changed(): void {
    this.#tick()
  }

  /** The site is not mirrored any more; its publisher is told, if it can be. */
  async withdraw(address: FullAddress): Promise<void> {
    const name = formatAddress(address)
    const entry = this.#entries.get(name)

    if (entry === undefined) return

    this.#entries.delete(name)
    if (entry.told !== undefined) {
      const ended = { address, root: entry.told, bytes: 0, quota: 0 }

      this.#announce(this.#sign(ended, Date.now(), { isWithdrawn: true }))
    }
    await this.#ask(address, 0, 0).catch(() => undefined)
  }

  #tick(): void {
    const now = Date.now()

    for (const site of this.#options.sites()) {
      const entry = this.#entryOf(site)

      if (entry.root !== site.root) {
        entry.root = site.root
        entry.next = now
        entry.repeated = 0
      }

      if (now >= entry.next && !entry.isAsking && !this.#abort.signal.aborted) {
        const offering = this.#offer(site, entry).finally(() => this.#open.delete(offering))

        this.#open.add(offering)
      }
    }
  }

  #entryOf({ address, root }: OfferedSite): Entry {
    const name = formatAddress(address)
    const entry = this.#entries.get(name) ?? { root, next: 0, repeated: 0, isAsking: false }

    this.#entries.set(name, entry)

    return entry
  }

  async #offer(site: OfferedSite, entry: Entry): Promise<void> {
    entry.isAsking = true

    const outcome = await this.#outcome(site)
    const before = entry.standing?.outcome
    const now = Date.now()

    entry.isAsking = false
    entry.repeated = isSame(before, outcome) ? entry.repeated + 1 : 0
    // A version that came meanwhile is told at once.
    entry.next = now + nextOffer(outcome, entry.repeated, Math.random())
    entry.standing = { outcome, at: now, next: entry.next }

    if (isSettled(outcome) && entry.told !== site.root) {
      entry.told = site.root
      this.#announce(this.word(site.address))
    }

    if (outcome.kind === 'refused' && !isSame(before, outcome)) {
      this.#options.onWarning(
        `${formatAddress(site.address)} does not list this node as a mirror: ${outcome.reason}`
      )
    }
  }

  #announce(word: Uint8Array | undefined): void {
    if (word !== undefined) this.#options.announce(word)
  }

  async #outcome({ address, quota }: OfferedSite): Promise<OfferOutcome> {
    try {
      const field = await this.#ask(address, TTL, quota)
      const answer = field === undefined ? undefined : readAnswer(field)

      return answer === undefined || answer.kind === 'withdrawn' ? { kind: 'unanswered' } : answer
    } catch (error) {
      return { kind: 'away', reason: errorMessage(error) }
    }
  }

  async #ask(address: FullAddress, ttl: number, quota: number): Promise<string | undefined> {
    const { own, places, ask } = this.#options
    const [place = `https://${formatAddress(own)}.invalid/`] = places(address)
    const field = writeOffer({ uri: place, by: own, prefix: '/', ttl, quota })
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ASK_TIMEOUT)])

    return ask(address, field, signal)
  }

  #sign(
    { address, root, bytes, quota }: OfferedSite,
    now: number,
    { isWithdrawn = false } = {}
  ): Uint8Array | undefined {
    const { places, served, sign } = this.#options

    // Higher in each run than in the last.
    this.#seq = Math.max(now, this.#seq + 1)

    return sign({
      site: address,
      uris: isWithdrawn ? [] : places(address),
      root,
      bytes,
      quota,
      served: served(address),
      seq: this.#seq,
      issued: now,
      expires: now + TTL,
      isWithdrawn
    })
  }
}

/** Others are told when the publisher has looked, or cannot; not of what it refuses. */
function isSettled(outcome: OfferOutcome): boolean {
  return outcome.kind === 'accepted' ? outcome.state === 'listed' : outcome.kind !== 'refused'
}

function isSame(one: OfferOutcome | undefined, other: OfferOutcome): boolean {
  return (
    one?.kind === other.kind &&
    (one.kind !== 'accepted' || other.kind !== 'accepted' || one.state === other.state)
  )
}
