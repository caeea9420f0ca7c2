import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { LRUCache } from 'lru-cache'
import { formatAddress, parseFullAddress, type FullAddress } from '../../identity/index.ts'
import {
  encodeNames,
  formatName,
  MAX_NAMES,
  parseLabel,
  parseName,
  readNames,
  type NameBook,
  type NamePath
} from '../../identity/names/index.ts'
import { AmbiguousNameError, NameNotFoundError, TooManyNamesError } from './errors.ts'
import { candidatesFor } from './candidates.ts'
import { NameStore, shelfOf } from './store.ts'

/** A node's names are asked for again after this long, in ms. */
const FRESH_FOR = 5 * 60_000

/** One node's answer, in ms. */
const ANSWER_TIMEOUT = 5000

/** Nodes whose names are kept in memory. */
const MAX_BOOKS = 500

/** Friends who are asked what they mean by a name that this node does not know. */
const MAX_FRIENDS = 16

export interface NameKeeperOptions {
  readonly datastore: Datastore
  /** The names that a node publishes, unverified; the connection proves whose they are. */
  readonly fetch: (party: FullAddress, options: AbortOptions) => Promise<Uint8Array>
  /** Full addresses of those who are trusted to give names, best first. */
  readonly friends: () => readonly string[]
}

/** Whom a name means, and who says so at each step. */
export interface NamedNode {
  readonly address: FullAddress
  readonly name: string
  readonly steps: readonly NameStep[]
}

export interface NameStep {
  readonly label: string
  /** 'own', or the full addresses of those who say so. */
  readonly by: readonly string[]
  readonly address: string
  /** They could not be asked again; so they said before. */
  readonly stale: boolean
}

interface KnownBook {
  readonly book: NameBook
  readonly stale: boolean
}

/** Names of one's own, names that this node publishes for others, and what others call by a name (A43). */
export class NameKeeper {
  readonly #options: NameKeeperOptions
  readonly #store: NameStore
  readonly #books = new LRUCache<string, NameBook>({ max: MAX_BOOKS, ttl: FRESH_FOR })
  #own: NameBook = new Map()
  #published: NameBook = new Map()

  constructor(options: NameKeeperOptions) {
    this.#options = options
    this.#store = new NameStore(options.datastore)
  }

  async open(): Promise<void> {
    this.#own = await this.#store.read('own')
    this.#published = await this.#store.read('published')
  }

  get own(): NameBook {
    return this.#own
  }

  get published(): NameBook {
    return this.#published
  }

  /** What this node serves of its names to others. */
  document(): Uint8Array {
    return encodeNames(this.#published)
  }

  /**
   * Gives somebody a name, for oneself or for all who follow this node's names; undefined takes it away. It is on disk when this resolves.
   *
   * @throws {InvalidNameError | TooManyNamesError}
   */
  async set(
    shelf: 'own' | 'published',
    text: string,
    address: FullAddress | undefined
  ): Promise<string> {
    const label = parseLabel(text)
    const book = new Map(shelf === 'own' ? this.#own : this.#published)

    if (address == null) book.delete(label)
    else book.set(label, address)
    if (book.size > MAX_NAMES) throw new TooManyNamesError(MAX_NAMES)

    await this.#store.write(shelf, book)
    if (shelf === 'own') this.#own = book
    else this.#published = book

    return label
  }

  /**
   * Whom a name means: the first step in one's own names or else as friends say, each further one as the node before says.
   *
   * @throws {InvalidNameError} the text is no name
   * @throws {NameNotFoundError} nobody knows it
   * @throws {AmbiguousNameError} friends mean different nodes
   */
  async resolve(text: string, options: AbortOptions = {}): Promise<NamedNode> {
    const path = parseName(text)
    const [first = ''] = path
    const steps = [await this.#firstStep(first, path, options)]

    for (const label of path.slice(1)) {
      steps.push(await this.#nextStep(label, steps.at(-1)?.address ?? '', path, options))
    }

    return {
      address: parseFullAddress(steps.at(-1)?.address ?? ''),
      name: formatName(path),
      steps
    }
  }

  async #firstStep(label: string, path: NamePath, options: AbortOptions): Promise<NameStep> {
    const own = this.#own.get(label)

    if (own != null) return { label, by: ['own'], address: formatAddress(own), stale: false }

    const friends = this.#options.friends().slice(0, MAX_FRIENDS)
    const books = await Promise.all(
      friends.map(async friend => ({
        friend,
        ...(await this.#bookOf(parseFullAddress(friend), options))
      }))
    )
    const [best, ...others] = candidatesFor(label, books)

    if (best == null) throw new NameNotFoundError(formatName(path), label, friends.length)
    if (others.length > 0) {
      throw new AmbiguousNameError(
        formatName(path),
        [best, ...others].map(({ address, by }) => ({ address: formatAddress(address), by }))
      )
    }

    return {
      label,
      by: best.by,
      address: formatAddress(best.address),
      stale: books.some(({ friend, stale }) => stale && best.by.includes(friend))
    }
  }

  async #nextStep(
    label: string,
    by: string,
    path: NamePath,
    options: AbortOptions
  ): Promise<NameStep> {
    const { book, stale } = await this.#bookOf(parseFullAddress(by), options)
    const address = book.get(label)

    if (address == null) throw new NameNotFoundError(formatName(path), label, 1, by)

    return { label, by: [by], address: formatAddress(address), stale }
  }

  /** As published now, or else as it was when the node was last asked. */
  async #bookOf(party: FullAddress, options: AbortOptions): Promise<KnownBook> {
    const known = this.#books.get(party.fp)

    if (known != null) return { book: known, stale: false }

    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT)
    const signal = options.signal == null ? timeout : AbortSignal.any([timeout, options.signal])

    try {
      const book = readNames(await this.#options.fetch(party, { signal }))

      this.#books.set(party.fp, book)
      await this.#store.write(shelfOf(party), book)

      return { book, stale: false }
    } catch {
      options.signal?.throwIfAborted()

      return { book: await this.#store.read(shelfOf(party)), stale: true }
    }
  }
}
