import type { CID } from 'multiformats/cid'
import type { BlockCache, FoundFolder, SiteReader } from '../../../overlay/content/fetch/index.ts'
import type { TreeBlock } from './tally.ts'

/** A file or folder with the blocks that are its own. */
export interface TreeItem {
  readonly kind: 'file' | 'folder'
  readonly path: readonly string[]
  /** Bytes of the file. */
  readonly size: number
  /** In the order of the file. */
  readonly leaves: readonly TreeBlock[]
  /** Of the tree itself: lists of folders, and of the blocks of large files. */
  readonly nodes: readonly TreeBlock[]
}

const RAW = 0x55

// Deeper folders were not made by people; a tree without end stops here.
const MAX_DEPTH = 64

/** Keeps the names of the blocks of a tree that are read through it. */
export class NotedNodes implements BlockCache {
  readonly #cache: BlockCache
  readonly #seen = new Set<string>()
  #noted: { cid: string; size: number }[] = []

  constructor(cache: BlockCache) {
    this.#cache = cache
  }

  has(cid: CID): boolean {
    return this.#cache.has(cid)
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    const bytes = await this.#cache.get(cid)

    if (bytes !== undefined) {
      this.#note(cid, bytes.length)
    }

    return bytes
  }

  put(cid: CID, bytes: Uint8Array): void {
    this.#note(cid, bytes.length)
    this.#cache.put(cid, bytes)
  }

  /** Those that are new since it was last asked. */
  take(path: string): TreeBlock[] {
    const noted = this.#noted.map(({ cid, size }) => ({ path, cid, size }))

    this.#noted = []

    return noted
  }

  #note(cid: CID, size: number): void {
    const name = cid.toString()

    if (cid.code !== RAW && !this.#seen.has(name)) {
      this.#seen.add(name)
      this.#noted.push({ cid: name, size })
    }
  }
}

/** Everything that a tree names, folders before what is in them. `nodes` is the cache of the reader. */
export async function* walkTree(
  reader: SiteReader,
  nodes: NotedNodes,
  signal: AbortSignal
): AsyncGenerator<TreeItem> {
  const root = await reader.find([], { signal })

  if (root.kind === 'folder') {
    yield* walkFolder(reader, nodes, root, signal)
  }
}

async function* walkFolder(
  reader: SiteReader,
  nodes: NotedNodes,
  folder: FoundFolder,
  signal: AbortSignal
): AsyncGenerator<TreeItem> {
  if (folder.path.length > MAX_DEPTH) {
    return
  }

  for await (const { name, cid, size } of reader.names(folder, { signal })) {
    const path = [...folder.path, name]

    // The folder says all of a file of one block that there is to know.
    if (cid.code === RAW && size !== undefined) {
      yield fileItem(
        path,
        size,
        [{ path: `/${path.join('/')}`, offset: 0, cid: cid.toString(), size }],
        nodes
      )
    } else {
      yield* walkEntry(reader, nodes, path, signal)
    }
  }

  yield {
    kind: 'folder',
    path: folder.path,
    size: 0,
    leaves: [],
    nodes: nodes.take(`/${folder.path.join('/')}`)
  }
}

async function* walkEntry(
  reader: SiteReader,
  nodes: NotedNodes,
  path: readonly string[],
  signal: AbortSignal
): AsyncGenerator<TreeItem> {
  const found = await reader.find(path, { signal })

  if (found.kind === 'folder') {
    yield* walkFolder(reader, nodes, found, signal)
  } else if (found.kind === 'file') {
    const text = `/${path.join('/')}`
    const leaves: TreeBlock[] = []

    for await (const { cid, offset, size } of reader.leaves(found, { signal })) {
      leaves.push({ path: text, offset, cid: cid.toString(), size })
    }

    yield fileItem(path, found.size, leaves, nodes)
  }
}

function fileItem(
  path: readonly string[],
  size: number,
  leaves: readonly TreeBlock[],
  nodes: NotedNodes
): TreeItem {
  return { kind: 'file', path, size, leaves, nodes: nodes.take(`/${path.join('/')}`) }
}
