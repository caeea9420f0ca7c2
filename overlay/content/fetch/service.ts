import type { AbortOptions } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
import type { CID } from 'multiformats/cid'
import { MAX_BLOCK_BYTES, RAW } from '../block.ts'
import type { BlockCache } from '../block-cache/block-cache.ts'
import type { Blocks, Wanted } from './dag/blocks.ts'
import { findPath, listFolder, type Found, type FoundFile, type FoundFolder } from './dag/find.ts'
import { stretchesOf, type Leaf } from './dag/leaves.ts'
import { decodeTreeNode, type Entry } from './dag/tree-node.ts'
import { BlockUnavailableError, InvalidTreeError } from './errors.ts'
import type { Item } from './plan/slots.ts'
import { SharedFlights } from './shared-flights.ts'
import type { BlockSource, SourceFault } from './source.ts'
import type { SourceMemory } from './source-memory.ts'
import type { Delivered, Piece, TransferContext } from './transfer/context.ts'
import { Transfer } from './transfer/service.ts'

/** Sources that are considered, the first ones of those given. */
const MAX_SOURCES = 32

/** Paths whose place in the tree is remembered; a root never changes. */
const MAX_FOUND = 1000

/** Bytes of file nodes in that memory. */
const MAX_FOUND_WEIGHT = 4 << 20

/** Leaves that are planned at once: 64 MiB of ours, which is also what a source is asked for in one range. */
const LEAVES_AT_ONCE = 256

/** What a link of a node costs in memory, in bytes: of 1,024 about 200 KiB were measured. */
const LINK_WEIGHT = 200

/** What a node of the tree has about, in bytes: 1,024 links. */
const NODE_BYTES = 64 << 10

export interface SiteReaderOptions {
  /** The site's name, the same for all its roots: by it the memory of sources is kept. */
  readonly site: string
  readonly root: CID
  /** Who may be asked now, the best first; asked again all the time, so it should be cheap. */
  readonly sources: () => readonly BlockSource[]
  /** Shared by all readers. */
  readonly cache: BlockCache
  /** Shared by all readers. */
  readonly memory: SourceMemory
  /** The most bytes ahead of each who reads; a share of what all may hold where not given. */
  readonly window?: number
}

/** A file whose bytes stand in its node, which belongs into the cache of blocks. */
interface Small {
  readonly kind: 'small'
  readonly wanted: Wanted
}

/** Reads one signed tree from sources that nobody trusts. */
export class SiteReader {
  readonly root: CID
  readonly #site: string
  readonly #memory: SourceMemory
  readonly #window: number
  readonly #context: TransferContext
  readonly #flights = new SharedFlights()
  readonly #blocks: Blocks
  readonly #found = new LRUCache<string, FoundFile | FoundFolder | Small>({
    max: MAX_FOUND,
    maxSize: MAX_FOUND_WEIGHT,
    sizeCalculation: found =>
      LINK_WEIGHT * (1 + (found.kind === 'file' ? found.node.parts.length : 0))
  })

  constructor({ site, root, sources, cache, memory, window }: SiteReaderOptions) {
    this.root = root
    this.#site = site
    this.#memory = memory
    this.#window = window ?? Number.POSITIVE_INFINITY
    this.#blocks = { get: async (wanted, signal) => this.#get(wanted, signal) }

    const exclusionOf = ({ id }: BlockSource): SourceFault | undefined =>
      memory.exclusionOf(id, site, root.toString())

    this.#context = {
      sources: () =>
        sources()
          .filter(source => exclusionOf(source) == null)
          .slice(0, MAX_SOURCES),
      excluded: () => sources().flatMap(source => exclusionOf(source) ?? []),
      cache,
      paces: memory.paces,
      lies: source => memory.liesOf(source, site),
      blame: (fault, byCid) => memory.remember({ ...fault, site, root: root.toString(), byCid }),
      window: () => NODE_BYTES
    }
  }

  /**
   * What stands at `path`, given as decoded segments.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async find(path: readonly string[], options: AbortOptions = {}): Promise<Found> {
    const key = path.join('/')
    const signal = signalOf(options)
    // A segment with a slash in it stands for no path, though it may look like one.
    const known = path.some(segment => segment.includes('/')) ? undefined : this.#found.get(key)

    if (known?.kind === 'small') return this.#open(path, known.wanted, signal)
    if (known != null) return known

    const found = await this.#judged(findPath(this.#blocks, this.root, path, signal))

    if (found.kind !== 'missing') this.#found.set(key, memorable(found))

    return found
  }

  /**
   * The entries of a folder, in the order of the tree. Names that no folder may have are left out.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  names(folder: FoundFolder, options: AbortOptions = {}): AsyncIterable<Entry> {
    return listFolder(this.#blocks, folder.cid, signalOf(options))
  }

  /**
   * The blocks of a file, in order, with where their bytes stand; none for what stands in its node.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async *leaves(file: FoundFile, options: AbortOptions = {}): AsyncGenerator<Leaf> {
    const span = { start: 0, end: file.size }

    for await (const stretch of stretchesOf(this.#blocks, file, span, signalOf(options))) {
      if ('leaves' in stretch) yield* stretch.leaves
    }
  }

  /**
   * Bytes `start` to before `end` of a file, each checked against the tree before it is passed on. Leaving the iteration or
   * aborting ends all requests.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async *read(
    file: FoundFile,
    start = 0,
    end: number = file.size,
    options: AbortOptions = {}
  ): AsyncGenerator<Uint8Array> {
    for await (const pieces of this.readBlocks(file, start, end, options)) yield* pieces
  }

  /**
   * The same, with all pieces of a block at once.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async *readBlocks(
    file: FoundFile,
    start = 0,
    end: number = file.size,
    options: AbortOptions = {}
  ): AsyncGenerator<readonly Uint8Array[]> {
    const span = { start: Math.max(0, start), end: Math.min(end, file.size) }

    if (file.node.parts.length === 0) {
      yield [cut(file.node.data, 0, span)]

      return
    }

    this.#memory.readAhead.enter()

    const left = new AbortController()
    const signal = AbortSignal.any([left.signal, signalOf(options)])
    const pieces = piecesOf(this.#blocks, file, span, signal)
    const context = { ...this.#context, window: () => this.#windowAfter(taken, sources) }
    const transfer = new Transfer(context, file, pieces)
    let taken = 0
    let sources = this.#context.sources().length

    try {
      for (;;) {
        const delivered = await this.#judged(transfer.next(signal))

        if (delivered == null) return
        taken += delivered.item.size
        sources = this.#context.sources().length
        yield cutAll(delivered, span)
      }
    } finally {
      this.#memory.readAhead.leave()
      left.abort()
      transfer.close()
    }
  }

  /**
   * A block of the tree or of a file, checked, for those who keep whole trees.
   *
   * @throws {BlockUnavailableError}
   */
  async block(wanted: Wanted, options: AbortOptions = {}): Promise<Uint8Array> {
    return this.#get(wanted, signalOf(options))
  }

  #windowAfter(taken: number, sources: number): number {
    return Math.min(this.#memory.readAhead.windowAfter(taken, sources), this.#window)
  }

  async #open(path: readonly string[], wanted: Wanted, signal: AbortSignal): Promise<Found> {
    const node = decodeTreeNode(wanted.cid, await this.#get(wanted, signal))

    return node.kind === 'file'
      ? { kind: 'file', path, cid: wanted.cid, size: node.size, node }
      : { kind: 'missing' }
  }

  async #get(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
    // A cache that fails is one that does not have it.
    const cached = await this.#context.cache.get(wanted.cid).catch(() => undefined)

    return (
      cached ??
      this.#flights.get(wanted.cid.toString(), signal, async flight => this.#fetch(wanted, flight))
    )
  }

  async #fetch({ cid, place }: Wanted, signal: AbortSignal): Promise<Uint8Array> {
    const item =
      place == null || place.size === 0 || place.size > MAX_BLOCK_BYTES
        ? { cid, size: NODE_BYTES }
        : { cid, size: place.size, offset: place.offset }
    const file = { path: place?.path ?? [], size: place?.fileSize ?? 0 }
    const transfer = new Transfer(this.#context, file, single(item))

    try {
      const delivered = await transfer.next(signal)

      if (delivered == null) throw new BlockUnavailableError(cid, file.path, [])

      return joined(delivered.chunks)
    } finally {
      transfer.close()
    }
  }

  /** Where the tree is to blame, no source is. */
  async #judged<Value>(promise: Promise<Value>): Promise<Value> {
    try {
      return await promise
    } catch (error) {
      if (error instanceof InvalidTreeError) this.#memory.acquit(this.#site, this.root.toString())
      throw error
    }
  }
}

function memorable(found: FoundFile | FoundFolder): FoundFile | FoundFolder | Small {
  if (found.kind === 'folder' || found.node.data.length === 0) return found

  const { path, cid, size } = found

  return {
    kind: 'small',
    // Only a raw block has the bytes that a web server sends.
    wanted: cid.code === RAW ? { cid, place: { path, offset: 0, size, fileSize: size } } : { cid }
  }
}

async function* piecesOf(
  blocks: Blocks,
  file: FoundFile,
  span: { readonly start: number; readonly end: number },
  signal: AbortSignal
): AsyncGenerator<readonly Piece[]> {
  for await (const stretch of stretchesOf(blocks, file, span, signal)) {
    if ('bytes' in stretch) {
      const { bytes, offset } = stretch

      yield [{ item: { cid: file.cid, size: bytes.length, offset }, bytes }]
    } else {
      for (let from = 0; from < stretch.leaves.length; from += LEAVES_AT_ONCE) {
        yield stretch.leaves
          .slice(from, from + LEAVES_AT_ONCE)
          .map(leaf => ({ item: { ...leaf, hasExactSize: true } }))
      }
    }
  }
}

async function* single(item: Item): AsyncGenerator<readonly Piece[]> {
  yield [{ item }]
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks

  return only != null && chunks.length === 1 ? only : Buffer.concat(chunks)
}

function cutAll(
  { item, chunks }: Delivered,
  span: { readonly start: number; readonly end: number }
): Uint8Array[] {
  let offset = item.offset ?? 0

  return chunks
    .map(chunk => {
      const wanted = cut(chunk, offset, span)

      offset += chunk.length

      return wanted
    })
    .filter(({ length }) => length > 0)
}

function cut(
  bytes: Uint8Array,
  offset: number,
  { start, end }: { readonly start: number; readonly end: number }
): Uint8Array {
  // A whole block stays the one that was checked, so that whoever signs it need not hash it again.
  return start <= offset && end >= offset + bytes.length
    ? bytes
    : bytes.subarray(Math.max(0, start - offset), Math.max(0, end - offset))
}

function signalOf({ signal }: AbortOptions): AbortSignal {
  return signal ?? new AbortController().signal
}
