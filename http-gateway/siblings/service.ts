import { LRUCache } from 'lru-cache'
import type { CID } from 'multiformats/cid'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import type { BlockSource, HttpGet } from '../../overlay/content/fetch/index.ts'
import {
  siblingsToAsk,
  waitFor,
  type Sibling,
  type SiblingLedger
} from '../../overlay/content/siblings/index.ts'

/** Whom a node may ask for what it reads, and what came of that. */
export interface Siblings {
  readonly list: () => readonly Sibling[]
  readonly ledger: SiblingLedger
}

export interface SiblingCachesOptions {
  readonly siblings: Siblings | undefined
  readonly headOf: (address: FullAddress) => HttpGet
  readonly sourceOf: (address: FullAddress) => BlockSource
}

/** A file that is about to be read. */
export interface AskedFile {
  /** Of the tree that it stands in. */
  readonly tree: string
  readonly cid: CID
  /** Round trip of the nearest source that is known, in ms. */
  readonly origin: number | undefined
}

// Questions that are remembered, and how long, in ms: a film is read in many ranges.
const MAX_ASKED = 1000
const ASKED_FOR = 60_000

// Trees whose siblings are remembered, as long as they are worth asking, in ms.
const MAX_TREES = 200
const SOURCES_FOR = 300_000

// Siblings that are sources of one tree.
const MAX_SOURCES = 8

// An answer that comes later is of no use to anybody, in ms.
const TIMEOUT = 1000

/** Asks nodes nearby whether they have a file, one small request each, before it is fetched from far away (the role of ICP, RFC 2186). */
export class SiblingCaches {
  readonly #options: SiblingCachesOptions
  readonly #asked = new LRUCache<string, Promise<void>>({ max: MAX_ASKED, ttl: ASKED_FOR })
  readonly #sources = new LRUCache<string, BlockSource[]>({ max: MAX_TREES, ttl: SOURCES_FOR })
  readonly #abort = new AbortController()

  constructor(options: SiblingCachesOptions) {
    this.#options = options
  }

  /** Those who said that they have something of a tree. */
  sources(tree: string): readonly BlockSource[] {
    return this.#sources.get(tree) ?? []
  }

  /** Resolves with the first who has the file, when all have answered, or when waiting longer would cost more than it saves. Never rejects. */
  async ask(file: AskedFile): Promise<void> {
    const { siblings } = this.#options
    const key = `${file.tree} ${file.cid.toString()}`
    const whom = siblings === undefined || this.#asked.has(key) ? [] : this.#whom(siblings, file)

    if (siblings === undefined || whom.length === 0) return this.#asked.get(key)

    const found = this.#askAll(siblings.ledger, whom, file)

    this.#asked.set(key, found)
    await found
  }

  close(): void {
    this.#abort.abort()
  }

  #whom({ list, ledger }: Siblings, { origin }: AskedFile): Sibling[] {
    const now = performance.now()

    return siblingsToAsk(
      list().filter(({ address }) => !ledger.isResting(formatAddress(address), now)),
      origin
    )
  }

  async #askAll(ledger: SiblingLedger, whom: readonly Sibling[], file: AskedFile): Promise<void> {
    const began = performance.now()
    const { promise: isOver, resolve: end } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => end(false), waitFor(file.origin))

    void Promise.all(
      whom.map(async sibling => {
        if (await this.#askOne(ledger, sibling, file)) end(true)
      })
    ).then(() => end(false))

    if (!(await isOver)) ledger.waitedInVain(performance.now() - began)
    clearTimeout(timer)
  }

  async #askOne(ledger: SiblingLedger, sibling: Sibling, file: AskedFile): Promise<boolean> {
    const name = formatAddress(sibling.address)
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT)])
    const headers = { accept: 'application/vnd.ipld.raw', 'cache-control': 'only-if-cached' }

    ledger.asked()

    try {
      const get = this.#options.headOf(sibling.address)
      const { status, body } = await get(`/ipfs/${file.cid.toString()}?format=raw`, headers, signal)

      for await (const chunk of body) void chunk

      if (status === 200) {
        ledger.hit(name)
        this.#add(ledger, sibling, file)
      } else {
        ledger.missed(name, performance.now())
      }

      return status === 200
    } catch {
      ledger.unanswered(name, performance.now())

      return false
    }
  }

  #add(ledger: SiblingLedger, { address, roundTrip }: Sibling, { tree, origin }: AskedFile): void {
    const source = counted(this.#options.sourceOf(address), bytes =>
      ledger.sent(bytes, Math.max(0, (origin ?? roundTrip) - roundTrip))
    )
    const others = this.sources(tree).filter(({ id }) => id !== source.id)

    this.#sources.set(tree, [source, ...others].slice(0, MAX_SOURCES))
  }
}

function counted(source: BlockSource, onBlock: (bytes: number) => void): BlockSource {
  const { id, kind } = source
  const standing = source.standing?.bind(source)
  const block = source.block?.bind(source)

  return {
    id,
    kind,
    ...(standing && { standing }),
    ...(block && {
      block: async (cid, request) => {
        const bytes = await block(cid, request)

        if (bytes !== undefined) onBlock(bytes.length)

        return bytes
      }
    })
  }
}
