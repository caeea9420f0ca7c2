import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import {
  formatAddress,
  parseFullAddress,
  type FullAddress,
  type NodeUuid
} from '../../identity/index.ts'
import {
  formatName,
  MAX_NAMES,
  parseLabel,
  parseName,
  type NameBook,
  type NamePath
} from '../../identity/names/index.ts'
import {
  AmbiguousNameError,
  NameNotFoundError,
  TooManyNamesError,
  UnknownNameError
} from './errors.ts'
import { Books, type BooksOptions } from './books/service.ts'
import { candidatesFor } from './candidates.ts'
import { openNameHead, signNameList } from './list.ts'
import { NameStore, type Shelf } from './store.ts'

/** Friends who are asked what they mean by a name that this node does not know. */
const MAX_FRIENDS = 16

export interface NameKeeperOptions extends Omit<BooksOptions, 'store'> {
  readonly datastore: Datastore
  /** Who signs what this node publishes; its record proves that it may, and there is nothing to publish without one. */
  readonly self: {
    readonly uuid: NodeUuid
    readonly sign: (message: Uint8Array) => Uint8Array
    readonly record: () => Uint8Array | undefined
  }
  /** Whether this node says openly that it knows another: only then it tells others what it keeps of its names. */
  readonly isOpen: (party: FullAddress) => boolean
  /** What this node publishes has changed: the head of the new list. */
  readonly onPublished?: (head: Uint8Array) => void
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

interface SignedList {
  readonly node: Uint8Array
  readonly seq: number
  readonly head: Uint8Array
  readonly bytes: Uint8Array
}

/** Names of one's own, names that this node publishes for others, and what others call by a name (A43). */
export class NameKeeper {
  readonly #options: NameKeeperOptions
  readonly #store: NameStore
  readonly #books: Books
  #own: NameBook = new Map()
  #published: NameBook = new Map()
  #seq = 0
  #signed: SignedList | undefined

  constructor(options: NameKeeperOptions) {
    this.#options = options
    this.#store = new NameStore(options.datastore)
    this.#books = new Books({ ...options, store: this.#store })
  }

  async open(): Promise<void> {
    await this.#store.open()
    this.#own = await this.#store.read('own')
    this.#published = await this.#store.read('published')
    this.#seq = await this.#store.sequence()
  }

  get own(): NameBook {
    return this.#own
  }

  get published(): NameBook {
    return this.#published
  }

  /** What this node serves of its names to others; undefined before it has a record. */
  document(): Uint8Array | undefined {
    return this.#sign()?.bytes
  }

  /** What another node published, as it signed it, where this node keeps it and says openly that it knows that node. */
  async copyOf(party: FullAddress): Promise<Uint8Array | undefined> {
    const isPublished = [...this.#published.values()].some(({ fp }) => fp === party.fp)

    return isPublished || this.#options.isOpen(party) ? this.#books.copyOf(party) : undefined
  }

  /**
   * Somebody tells that its names have changed.
   *
   * @throws {InvalidNameListError}
   */
  async hear(head: Uint8Array): Promise<void> {
    await this.#books.hear(openNameHead(head, Date.now()))
  }

  /**
   * Gives somebody a name, for oneself or for all who follow this node's names; undefined takes it away. It is on disk when this resolves.
   *
   * @throws {InvalidNameError | TooManyNamesError | UnknownNameError}
   */
  async set(shelf: Shelf, text: string, address: FullAddress | undefined): Promise<string> {
    const label = parseLabel(text)
    const book = new Map(shelf === 'own' ? this.#own : this.#published)

    if (address != null) book.set(label, address)
    else if (!book.delete(label)) throw new UnknownNameError(label, shelf)
    if (book.size > MAX_NAMES) throw new TooManyNamesError(MAX_NAMES)

    if (shelf === 'own') {
      await this.#store.write('own', book)
      this.#own = book
    } else {
      await this.#publish(book)
    }

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

  async #publish(book: NameBook): Promise<void> {
    // A clock that was set back must not make the newer list the older.
    const seq = Math.max(Date.now(), this.#seq + 1)

    await this.#store.setSequence(seq)
    await this.#store.write('published', book)
    this.#seq = seq
    this.#published = book

    const signed = this.#sign()

    if (signed != null) this.#options.onPublished?.(signed.head)
  }

  /** Signed anew where the list or the record of this node is another one. */
  #sign(): SignedList | undefined {
    const { uuid, sign, record } = this.#options.self
    const node = record()
    const seq = this.#seq

    if (node == null) return undefined
    if (this.#signed?.node === node && this.#signed.seq === seq) return this.#signed

    const list = signNameList(this.#published, { uuid, seq, now: Date.now(), node, sign })

    this.#signed = { ...list, node, seq }

    return this.#signed
  }

  async #firstStep(label: string, path: NamePath, options: AbortOptions): Promise<NameStep> {
    const own = this.#own.get(label)

    if (own != null) return { label, by: ['own'], address: formatAddress(own), stale: false }

    const friends = this.#options.friends().slice(0, MAX_FRIENDS)
    const books = await Promise.all(
      friends.map(async friend => ({
        friend,
        ...(await this.#books.of(parseFullAddress(friend), options))
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
    const { book, stale } = await this.#books.of(parseFullAddress(by), options)
    const address = book.get(label)

    if (address == null) throw new NameNotFoundError(formatName(path), label, 1, by)

    return { label, by: [by], address: formatAddress(address), stale }
  }
}
