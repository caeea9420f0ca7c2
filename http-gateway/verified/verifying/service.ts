import { errorMessage, formatAddress } from '../../../identity/index.ts'
import {
  MAX_BLOCK_BYTES,
  MemoryCache,
  SiteReader,
  SourceMemory,
  type BlockCache
} from '../../../overlay/content/fetch/index.ts'
import { openSiteRecord, type KnownSite } from '../../../overlay/content/index.ts'
import { CID } from 'multiformats/cid'
import type { DescribedSource } from '../sites/service.ts'
import type { BlockFault, VerifyEvent, VerifyReport } from './report.ts'
import { checkItem } from './source-check.ts'
import { Tally, type TreeBlock } from './tally.ts'
import { NotedNodes, walkTree, type TreeItem } from './walk.ts'

export interface VerifyOptions {
  readonly known: KnownSite
  /** Whom to ask, the publisher among them. */
  readonly sources: readonly DescribedSource[]
  /** What this node has of the site already. */
  readonly cache: BlockCache
  readonly signal: AbortSignal
}

interface Checked {
  readonly source: DescribedSource
  readonly tally: Tally
}

// Files that are compared at a time, each at all sources side by side.
const ITEMS_AT_ONCE = 4

// Blocks that nobody has which are named one by one.
const MAX_MISSING = 100

// What the walk itself reads again and again: lists of folders and large files.
const NODE_CACHE = 16 * MAX_BLOCK_BYTES

/** Asks every source for every block of a site, and tells what came of it, the report last. */
export async function* verifySite(options: VerifyOptions): AsyncGenerator<VerifyEvent> {
  const { known, sources, cache, signal } = options
  const checked = sources.map(source => ({
    source,
    tally: new Tally(source.source.id, source.source.kind)
  }))
  const own = new Tally('this node', 'cache')
  const totals = new Totals()

  own.seq = known.site.seq
  await Promise.all(checked.map(async one => askForRecord(one, known)))

  const noted = new NotedNodes(new MemoryCache(NODE_CACHE))
  const reader = new SiteReader({
    site: formatAddress(known.site.address),
    root: known.site.root,
    sources: () => sources.map(({ source }) => source),
    cache: new Behind(noted, cache),
    memory: new SourceMemory()
  })
  let incomplete: string | undefined

  try {
    for await (const item of checkAll(
      walkTree(reader, noted, signal),
      checked,
      own,
      cache,
      totals,
      signal
    )) {
      yield totals.progress(item)
    }
  } catch (error) {
    signal.throwIfAborted()
    incomplete = errorMessage(error)
  }

  yield reportOf(known, [...checked.map(({ tally }) => tally), own], totals, incomplete)
}

/** Reads from a second cache, too, and keeps nothing there: what is asked for is to come from the sources. */
class Behind implements BlockCache {
  readonly #first: BlockCache
  readonly #second: BlockCache

  constructor(first: BlockCache, second: BlockCache) {
    this.#first = first
    this.#second = second
  }

  has(cid: CID): boolean {
    return this.#first.has(cid) || this.#second.has(cid)
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    const near = await this.#first.get(cid)

    if (near !== undefined) {
      return near
    }

    const far = await this.#second.get(cid)

    if (far !== undefined) {
      this.#first.put(cid, far)
    }

    return far
  }

  put(cid: CID, bytes: Uint8Array): void {
    this.#first.put(cid, bytes)
  }
}

class Totals {
  files = 0
  blocks = 0
  bytes = 0
  missing = 0
  readonly some: BlockFault[] = []

  add({ kind, size, leaves, nodes }: TreeItem): void {
    this.files += kind === 'file' ? 1 : 0
    this.blocks += leaves.length + nodes.length
    this.bytes += size
  }

  miss({ path, offset, cid }: TreeBlock): void {
    this.missing += 1

    if (this.some.length < MAX_MISSING) {
      this.some.push({ kind: 'absent', path, offset, cid, reason: 'no source has it' })
    }
  }

  progress({ path }: TreeItem): VerifyEvent {
    const { files, blocks, bytes } = this

    return { event: 'progress', path: `/${path.join('/')}`, files, blocks, bytes }
  }
}

/** A few files at a time; each is told when all sources have been asked for it. */
async function* checkAll(
  items: AsyncIterable<TreeItem>,
  checked: readonly Checked[],
  own: Tally,
  cache: BlockCache,
  totals: Totals,
  signal: AbortSignal
): AsyncGenerator<TreeItem> {
  const running: Promise<TreeItem>[] = []
  const check = async (item: TreeItem): Promise<TreeItem> => {
    const blocks = [...item.nodes, ...item.leaves]
    const held = await Promise.all(
      checked.map(async ({ source, tally }) => checkItem(source.source, item, tally, signal))
    )

    totals.add(item)

    for (const block of blocks) {
      if (cache.has(CID.parse(block.cid))) {
        own.right(block)
      } else {
        own.fault(block, 'absent', 'is not kept here')
      }

      if (!held.some(right => right.has(block.cid))) {
        totals.miss(block)
      }
    }

    return item
  }

  for await (const item of items) {
    const checking = check(item)

    // It is awaited in its turn below.
    checking.catch(() => undefined)
    running.push(checking)

    const [first] = running

    if (running.length >= ITEMS_AT_ONCE && first !== undefined) {
      void running.shift()
      yield await first
    }
  }

  for (const checking of running) {
    yield await checking
  }
}

async function askForRecord({ source, tally }: Checked, known: KnownSite): Promise<void> {
  try {
    const bytes = await source.record?.()

    if (bytes !== undefined) {
      tally.seq = openSiteRecord(bytes, { address: known.site.address, now: Date.now() }).seq
    }
  } catch {
    // It has none, or none that is valid: nothing to tell.
  }
}

function reportOf(
  { site, confirmed }: KnownSite,
  tallies: readonly Tally[],
  { files, blocks, bytes, missing, some }: Totals,
  incomplete: string | undefined
): VerifyReport {
  return {
    event: 'report',
    address: formatAddress(site.address),
    seq: site.seq,
    root: site.root.toString(),
    issued: site.issued,
    expires: site.expires,
    confirmed,
    files,
    blocks,
    bytes,
    sources: tallies.map(tally => tally.report()),
    missing: { count: missing, some },
    incomplete
  }
}
