import type { CID } from 'multiformats/cid'
import { DAG_PB, MAX_BLOCK_BYTES } from '../../block.ts'
import { InvalidTreeError } from '../errors.ts'
import type { Blocks } from './blocks.ts'
import { decodeTreeNode, type FileNode, type Part } from './tree-node.ts'

/** Levels of nodes in one file; ours need 4 for a petabyte, and other layouts a few more. */
const MAX_FILE_DEPTH = 32

/** Nodes of one level that are read ahead. */
const NODES_AHEAD = 4

/** What the nodes of a file may cost beyond the bytes that they lead to: a tree of tiny blocks ends here. */
const MAX_OVERHEAD_BYTES = 2 << 20

/** A raw block of the file and where its bytes stand. */
export interface Leaf {
  readonly cid: CID
  readonly offset: number
  readonly size: number
}

/** The next bytes of a file: those that stood in a node, or the leaves that have them. */
export type Stretch =
  | { readonly bytes: Uint8Array; readonly offset: number }
  | { readonly leaves: readonly Leaf[] }

interface Walk {
  readonly blocks: Blocks
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal
  /** Bytes of nodes read, less those of the file that they led to. */
  overhead: number
}

/** Everything of a file that touches bytes `start` to before `end`, in order; nodes are read as the walk gets there. */
export async function* stretchesOf(
  blocks: Blocks,
  file: { readonly cid: CID; readonly node: FileNode },
  span: { readonly start: number; readonly end: number },
  signal: AbortSignal
): AsyncGenerator<Stretch> {
  yield* below({ blocks, ...span, signal, overhead: 0 }, file.cid, file.node, 0, 0)
}

async function* below(
  walk: Walk,
  cid: CID,
  node: FileNode,
  offset: number,
  depth: number
): AsyncGenerator<Stretch> {
  if (depth > MAX_FILE_DEPTH) {
    throw new InvalidTreeError(cid, `lies deeper than ${MAX_FILE_DEPTH} levels in its file`)
  }
  if (touches(walk, offset, node.data.length)) {
    walk.overhead -= node.data.length
    yield { bytes: node.data, offset }
  }

  const wanted = partsIn(walk, node, offset + node.data.length)
  const ahead = new NodesAhead(walk, wanted)

  for (let index = 0; index < wanted.length;) {
    const leaves = leavesFrom(cid, wanted, index)

    if (leaves.length > 0) {
      walk.overhead -= leaves.reduce((sum, leaf) => sum + leaf.size, 0)
      index += leaves.length
      yield { leaves }
    } else {
      const part = wanted[index]

      if (part == null) return
      yield* below(walk, part.cid, await ahead.open(cid, index), part.offset, depth + 1)
      index += 1
    }
  }
}

/** Parts without a byte in the span, empty ones among them, are never read. */
function partsIn(walk: Walk, node: FileNode, first: number): Leaf[] {
  const wanted: Leaf[] = []
  let offset = first

  for (const part of node.parts) {
    if (touches(walk, offset, part.size)) wanted.push({ cid: part.cid, offset, size: part.size })
    offset += part.size
  }

  return wanted
}

function touches({ start, end }: Walk, offset: number, size: number): boolean {
  return size > 0 && offset < end && offset + size > start
}

function leavesFrom(parent: CID, parts: readonly Leaf[], from: number): Leaf[] {
  let to = from

  for (let part = parts[to]; part != null && part.cid.code !== DAG_PB; part = parts[to]) {
    if (part.size > MAX_BLOCK_BYTES) {
      throw new InvalidTreeError(parent, 'names a block larger than is read')
    }
    to += 1
  }

  return parts.slice(from, to)
}

/** Reads the nodes below a node a few at once. */
class NodesAhead {
  readonly #walk: Walk
  readonly #parts: readonly Part[]
  readonly #opening = new Map<number, Promise<FileNode>>()

  constructor(walk: Walk, parts: readonly Part[]) {
    this.#walk = walk
    this.#parts = parts
  }

  /** The node at `index`; those behind it are read once it is there, so that they do not delay the first byte. */
  async open(parent: CID, index: number): Promise<FileNode> {
    this.#start(parent, index)

    const node = await this.#opening.get(index)

    this.#opening.delete(index)
    if (node == null) throw new RangeError(`no node is wanted at ${index}`)
    for (let at = index + 1; at <= index + NODES_AHEAD; at += 1) this.#start(parent, at)

    return node
  }

  #start(parent: CID, index: number): void {
    const part = this.#parts[index]

    if (part == null || part.cid.code !== DAG_PB || this.#opening.has(index)) return

    const opening = openPart(this.#walk, parent, part)

    // A reader that stops early leaves these behind.
    opening.catch(() => {})
    this.#opening.set(index, opening)
  }
}

async function openPart(walk: Walk, parent: CID, { cid, size }: Part): Promise<FileNode> {
  const bytes = await walk.blocks.get({ cid }, walk.signal)
  const node = decodeTreeNode(cid, bytes)

  walk.overhead += bytes.length
  if (walk.overhead > MAX_OVERHEAD_BYTES) {
    throw new InvalidTreeError(parent, 'needs more bytes of tree than it has of file')
  }
  if (node.kind !== 'file' || node.size !== size) {
    throw new InvalidTreeError(parent, `gives ${cid.toString()} a size that it does not have`)
  }

  return node
}
