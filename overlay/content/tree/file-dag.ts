import { UnixFS } from 'ipfs-unixfs'
import { nodeOf, leafCid, type Block, type Linked } from './node.ts'

/** Bytes in a leaf of a file, the last one excepted. */
export const LEAF_BYTES = 256 * 1024

/** Links of one node of a file: with it a file of 256 MiB has one level above its leaves. */
export const MAX_FILE_LINKS = 1024

interface Part extends Linked {
  /** Of the file, in bytes. */
  readonly content: number
}

/** Names a file by its leaves as they are read, in memory for one node a level: balanced UnixFS, as IPFS software builds it. */
export class FileDag {
  readonly #emit: (block: Block) => void
  /** Parts that have no parent yet, leaves first. */
  readonly #levels: Part[][] = [[]]

  constructor(emit: (block: Block) => void) {
    this.#emit = emit
  }

  addLeaf(digest: Uint8Array, bytes: number): void {
    this.#add(0, { cid: leafCid(digest), size: bytes, content: bytes })
  }

  /** The node that stands for the whole file; it must have had a leaf, if an empty one. */
  end(): Linked {
    for (let level = 0; ; level += 1) {
      const [part, ...more] = this.#levels[level] ?? []
      const isTop = level === this.#levels.length - 1

      if (part == null) throw new RangeError('a file has at least one leaf')
      if (isTop && more.length === 0) return { cid: part.cid, size: part.size }

      this.#close(level)
    }
  }

  #add(level: number, part: Part): void {
    const parts = (this.#levels[level] ??= [])

    // Closed when another one comes: whether there is a level above depends on that.
    if (parts.length === MAX_FILE_LINKS) this.#close(level)
    this.#levels[level]?.push(part)
  }

  #close(level: number): void {
    const parts = this.#levels[level] ?? []

    this.#levels[level] = []
    this.#add(level + 1, this.#parentOf(parts))
  }

  #parentOf(parts: readonly Part[]): Part {
    const data = new UnixFS({
      type: 'file',
      blockSizes: parts.map(({ content }) => BigInt(content))
    })
    const links = parts.map(({ cid, size }) => ({ Hash: cid, Name: '', Tsize: size }))
    const { cid, size, block } = nodeOf(data, links)

    this.#emit(block)

    return { cid, size, content: parts.reduce((sum, { content }) => sum + content, 0) }
  }
}
