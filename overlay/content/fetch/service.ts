import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { isBlockOf, MAX_BLOCK_BYTES } from '../block.ts'
import type { BlockCache } from '../block-cache/block-cache.ts'
import type { Blocks, Wanted } from './dag/blocks.ts'
import { findPath, listFolder, type Found, type FoundFile, type FoundFolder } from './dag/find.ts'
import { stretchesOf, type Leaf } from './dag/leaves.ts'
import type { Entry } from './dag/tree-node.ts'
import { BlockUnavailableError, SourceError } from './errors.ts'
import type { BlockSource, SourceFault } from './source.ts'
import type { SourceMemory } from './source-memory.ts'

export interface SiteReaderOptions {
  /** The site's name, the same for all its roots: by it the memory of sources is kept. */
  readonly site: string
  readonly root: CID
  /** Who may be asked now; asked again whenever a block is wanted. */
  readonly sources: () => readonly BlockSource[]
  readonly cache: BlockCache
  readonly memory: SourceMemory
}

/** Reads one signed tree from sources that nobody trusts. */
export class SiteReader {
  readonly root: CID
  readonly #options: SiteReaderOptions
  readonly #blocks: Blocks

  constructor(options: SiteReaderOptions) {
    this.root = options.root
    this.#options = options
    this.#blocks = { get: async (wanted, signal) => this.#get(wanted, signal) }
  }

  /**
   * What stands at `path`, given as decoded segments.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async find(path: readonly string[], options: AbortOptions = {}): Promise<Found> {
    return findPath(this.#blocks, this.root, path, signalOf(options))
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
   * Bytes `start` to before `end` of a file, each checked against the tree before it is passed on.
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
    const span = { start, end: Math.min(end, file.size) }
    const signal = signalOf(options)

    for await (const stretch of stretchesOf(this.#blocks, file, span, signal)) {
      if ('bytes' in stretch) yield cut(stretch.bytes, stretch.offset, span)
      else {
        for (const leaf of stretch.leaves) {
          yield cut(await this.#blocks.get(wantedOf(file, leaf), signal), leaf.offset, span)
        }
      }
    }
  }

  async #get(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
    const { cache, memory, root, site, sources } = this.#options
    const cached = await cache.get(wanted.cid)

    if (cached != null) return cached

    const faults: SourceFault[] = []

    for (const source of sources()) {
      if (memory.isExcluded(source.id, site, root.toString())) continue
      try {
        const bytes = await blockFrom(source, wanted, signal)

        if (bytes == null) continue
        if (isBlockOf(wanted.cid, bytes)) {
          cache.put(wanted.cid, bytes)

          return bytes
        }
        throw new SourceError('wrong', 'gave other bytes')
      } catch (error) {
        signal.throwIfAborted()
        const fault = faultOf(source, wanted, error)

        faults.push(fault)
        if (fault.kind === 'wrong') {
          memory.remember({ ...fault, site, root: root.toString(), byCid: source.block != null })
        }
      }
    }

    throw new BlockUnavailableError(wanted.cid, wanted.place?.path ?? [], faults)
  }
}

async function blockFrom(
  source: BlockSource,
  { cid, place }: Wanted,
  signal: AbortSignal
): Promise<Uint8Array | undefined> {
  if (source.block != null) return source.block(cid, { signal, maxBytes: MAX_BLOCK_BYTES })
  if (source.range == null || place == null) return undefined

  const chunks: Uint8Array[] = []
  const { path, offset, size, fileSize } = place

  for await (const chunk of source.range(path, offset, offset + size, { signal, size: fileSize })) {
    chunks.push(chunk)
  }

  return Buffer.concat(chunks)
}

function faultOf(source: BlockSource, { cid, place }: Wanted, error: unknown): SourceFault {
  return {
    source: source.id,
    kind: error instanceof SourceError ? error.kind : 'failed',
    reason: error instanceof Error ? error.message : String(error),
    cid: cid.toString(),
    path: place?.path ?? [],
    ...(place == null ? {} : { offset: place.offset }),
    time: Date.now()
  }
}

function wantedOf(file: FoundFile, { cid, offset, size }: Leaf): Wanted {
  return { cid, place: { path: file.path, offset, size, fileSize: file.size } }
}

function cut(
  bytes: Uint8Array,
  offset: number,
  { start, end }: { start: number; end: number }
): Uint8Array {
  return bytes.subarray(Math.max(0, start - offset), Math.max(0, end - offset))
}

function signalOf({ signal }: AbortOptions): AbortSignal {
  return signal ?? new AbortController().signal
}
