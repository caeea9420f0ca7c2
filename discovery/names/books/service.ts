import type { AbortOptions } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
import { formatAddress, parseFullAddress, type FullAddress } from '../../../identity/index.ts'
import type { NameBook } from '../../../identity/names/index.ts'
import { openNameList, type VerifiedHead, type VerifiedNames } from '../list.ts'
import type { NameStore } from '../store.ts'

/** A node's names are asked for again after this long, in ms. */
const FRESH_FOR = 5 * 60_000

/** And after this long where the node did not answer. */
const STALE_FOR = 30_000

/** One node's answer, in ms. */
const ANSWER_TIMEOUT = 5000

/** Friends who are asked for the list of a node that is away; each is asked for what it keeps, and asks nobody else. */
const MAX_COPIES = 8

/** How long all of them have together, in ms. */
const COPIES_TIMEOUT = 1500

/** Nodes whose names are kept in memory. */
const MAX_BOOKS = 500

/** Lists that are fetched at a time because they are announced; others are when they are needed. */
const MAX_REFRESHED = 4

export interface BooksOptions {
  readonly store: NameStore
  /** The list of a node, unverified. */
  readonly fetch: (party: FullAddress, options: AbortOptions) => Promise<Uint8Array>
  /** The list of a node as a friend keeps it, unverified. */
  readonly fetchCopy: (
    friend: FullAddress,
    party: FullAddress,
    options: AbortOptions
  ) => Promise<Uint8Array>
  /** Full addresses of those who are asked for copies, best first. */
  readonly friends: () => readonly string[]
}

export interface KnownBook {
  readonly book: NameBook
  /** The node could not be asked: so it said before. */
  readonly stale: boolean
}

interface KnownNames {
  readonly names: VerifiedNames | undefined
  readonly stale: boolean
}

/** What other nodes call by a name: each list is signed, and the newest wins wherever it comes from. */
export class Books {
  readonly #options: BooksOptions
  readonly #known = new LRUCache<string, KnownNames>({ max: MAX_BOOKS })
  readonly #refreshed = new Set<string>()

  constructor(options: BooksOptions) {
    this.#options = options
  }

  /** As published now, or else as a friend or this node last heard it; empty where nobody knows. */
  async of(party: FullAddress, options: AbortOptions): Promise<KnownBook> {
    const known = this.#known.get(party.fp) ?? (await this.#ask(party, options))

    return { book: known.names?.book ?? new Map(), stale: known.stale }
  }

  /** The list of a node as it signed it; undefined where it is not kept, or has expired. */
  async copyOf(party: FullAddress): Promise<Uint8Array | undefined> {
    return (await this.#kept(party))?.bytes
  }

  /** A node tells that its list has changed: where it was read before it is read again. */
  async hear({ address, seq }: VerifiedHead): Promise<void> {
    const { fp } = address
    const known = this.#known.get(fp)

    if (known == null && !this.#options.store.keeps(fp)) return
    if (known?.stale === false && (known.names?.seq ?? -1) >= seq) return

    this.#known.delete(fp)
    if (this.#refreshed.size >= MAX_REFRESHED || this.#refreshed.has(fp)) return

    this.#refreshed.add(fp)
    await this.#ask(address, {}).finally(() => this.#refreshed.delete(fp))
  }

  async #ask(party: FullAddress, options: AbortOptions): Promise<KnownNames> {
    const kept = await this.#kept(party)
    const fetched = await this.#fetch(party, options)
    const stale = fetched == null
    const found = stale ? await this.#copies(party, options) : [fetched]
    const names = newest([...(kept == null ? [] : [kept]), ...found])

    if (names != null && names !== kept) {
      await this.#options.store.keepList(party.fp, names.bytes)
    }

    const known = { names, stale }

    this.#known.set(party.fp, known, { ttl: stale ? STALE_FOR : FRESH_FOR })

    return known
  }

  async #fetch(party: FullAddress, options: AbortOptions): Promise<VerifiedNames | undefined> {
    const signal = bounded(options, ANSWER_TIMEOUT)

    try {
      return openNameList(await this.#options.fetch(party, { signal }), {
        address: party,
        now: Date.now()
      })
    } catch {
      options.signal?.throwIfAborted()

      return undefined
    }
  }

  /** What friends keep of a node that does not answer. */
  async #copies(party: FullAddress, options: AbortOptions): Promise<VerifiedNames[]> {
    const { friends, fetchCopy } = this.#options
    const signal = bounded(options, COPIES_TIMEOUT)
    const asked = friends()
      .filter(friend => friend !== formatAddress(party))
      .slice(0, MAX_COPIES)
    const answers = await Promise.allSettled(
      asked.map(async friend =>
        openNameList(await fetchCopy(parseFullAddress(friend), party, { signal }), {
          address: party,
          now: Date.now()
        })
      )
    )

    options.signal?.throwIfAborted()

    return answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
  }

  async #kept(party: FullAddress): Promise<VerifiedNames | undefined> {
    const bytes = await this.#options.store.list(party.fp)

    try {
      return bytes == null ? undefined : openNameList(bytes, { address: party, now: Date.now() })
    } catch {
      // It has expired, or is damaged.
      return undefined
    }
  }
}

function newest(lists: readonly VerifiedNames[]): VerifiedNames | undefined {
  return lists.toSorted((a, b) => b.seq - a.seq || b.issued - a.issued)[0]
}

function bounded({ signal }: AbortOptions, timeout: number): AbortSignal {
  const timer = AbortSignal.timeout(timeout)

  return signal == null ? timer : AbortSignal.any([timer, signal])
}
