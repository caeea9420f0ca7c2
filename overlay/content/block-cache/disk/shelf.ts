import { MAX_BLOCK_BYTES } from '../../block.ts'
import { S3Fifo } from '../s3-fifo.ts'
import { PAGE_BYTES, Pages, pagesFor } from './pages.ts'
import { keptLine, readJournal, type Kept } from './record.ts'

/** Blocks that are kept at most, whatever the budget, since their names are in memory. */
export const MAX_BLOCKS = 65_536

/** A block that is here, or will be when it is written. */
export interface Entry extends Kept {
  /** Until they are written. */
  pieces: readonly Uint8Array[] | undefined
  /** Those who read or write it now: its pages are nobody else's before they are done. */
  users: number
  isGone: boolean
}

/** Which blocks are kept under a budget in bytes, and in which pages. */
export class Shelf {
  readonly pages: number
  readonly #maxBytes: number
  readonly #policy: S3Fifo
  readonly #pages: Pages
  readonly #entries = new Map<string, Entry>()

  constructor(maxBytes: number) {
    // What so many blocks cannot fill would only make the list of pages longer.
    this.#maxBytes = Math.min(maxBytes, MAX_BLOCKS * MAX_BLOCK_BYTES)
    this.pages = Math.floor(this.#maxBytes / PAGE_BYTES)
    this.#policy = new S3Fifo(this.#maxBytes)
    this.#pages = new Pages(this.pages)
  }

  get size(): number {
    return this.#entries.size
  }

  /** What the blocks take of the budget. */
  get weight(): number {
    return this.#policy.weight
  }

  /** Learns from a journal what is there; what is over the budget by now is dropped. */
  load(journal: string): void {
    for (const kept of readJournal(journal, this.#pages)) {
      this.#entries.set(kept.key, newEntry(kept))
      for (const gone of this.#policy.add(kept.key, this.#weightOf(kept.size))) this.#release(gone)
    }
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** The block, which counts as used. */
  use(key: string): Entry | undefined {
    this.#policy.use(key)

    return this.#entries.get(key)
  }

  /** Makes room for a block; undefined where it is too large, or where what has to go is still being read. */
  admit(key: string, size: number): Entry | undefined {
    const gone = this.#policy.add(key, this.#weightOf(size))

    for (const one of gone) this.#release(one)
    if (gone.includes(key)) return undefined

    const extents = this.#pages.take(pagesFor(size))

    if (extents == null) {
      this.#policy.delete(key)

      return undefined
    }

    const entry = newEntry({ key, size, extents })

    this.#entries.set(key, entry)

    return entry
  }

  drop(key: string): void {
    this.#policy.delete(key)
    this.#release(key)
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.drop(key)
  }

  enter(entry: Entry): void {
    entry.users += 1
  }

  leave(entry: Entry): void {
    entry.users -= 1
    if (entry.isGone && entry.users === 0) this.#pages.release(entry.extents)
  }

  /** A journal of what is written. */
  journal(): string[] {
    return [...this.#entries.values()]
      .filter(({ pieces }) => pieces == null)
      .map(entry => keptLine(entry))
  }

  #weightOf(size: number): number {
    return Math.max(pagesFor(size) * PAGE_BYTES, this.#maxBytes / MAX_BLOCKS)
  }

  #release(key: string): void {
    const entry = this.#entries.get(key)

    if (entry == null) return
    this.#entries.delete(key)
    entry.isGone = true
    if (entry.users === 0) this.#pages.release(entry.extents)
  }
}

function newEntry(kept: Kept): Entry {
  return { ...kept, pieces: undefined, users: 0, isGone: false }
}
