import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { isBlockOf } from '../../block.ts'
import type { BlockCache } from '../block-cache.ts'
import { lengthOf, ownBytes, ownPieces } from '../pieces.ts'
import { Journal } from './journal/store.ts'
import { isLocal } from './local/store.ts'
import { Pack } from './pack/store.ts'
import { Patience } from './patience.ts'
import { keptLine, removedLine } from './record.ts'
import { Shelf, type Entry } from './shelf.ts'
import { errorCode } from '../../../../identity/index.ts'

/** Blocks that are written at once, and bytes that wait for it; more are not kept, since the disk is too slow for them. */
const WRITES_AT_ONCE = 4
const MAX_WAITING_BYTES = 4 << 20

/** After a disk that is full or broken, nothing is written for this long, in ms. */
const PAUSE_AFTER_FAILURE = 60_000

/** Errors of a disk that takes no more for now. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

export interface DiskStatistics {
  readonly blocks: number
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  /** Blocks that were not what their names say: torn by a crash, or changed. */
  readonly damaged: number
  /** Blocks that were not kept because the disk was full, broken or too slow. */
  readonly refused: number
  /** Whether nothing is written for now. */
  readonly isPaused: boolean
}

export interface DiskCacheOptions {
  readonly directory: string
  /** Budget in bytes. */
  readonly maxBytes: number
  /** ms since any fixed moment. */
  readonly now?: () => number
  /** Blocks are written in other threads even to quick disks of this machine. */
  readonly neverAtOnce?: boolean
  /** Told once for each pause, why nothing is written. */
  readonly onPause?: (error: Error) => void
}

/**
 * Checked blocks in one file, under a budget in bytes.
 *
 * Whoever may write the file may change blocks: each is checked against its CID whenever it is read, so that all that can be
 * done by it is to make the cache forget. The same check finds what was torn by a crash, and writes need neither order nor
 * fsync. One file and not one for each block: making a file costs up to twenty times what writing 256 KiB into one does.
 */
export class DiskCache implements BlockCache {
  readonly #directory: string
  readonly #shelf: Shelf
  readonly #now: () => number
  readonly #onPause: (error: Error) => void
  readonly #patience = new Patience()
  readonly #neverAtOnce: boolean
  readonly #journal: Journal
  readonly #waiting = new Set<Entry>()
  readonly #writing = new Set<Promise<void>>()
  #pack: Pack | undefined
  #isClosed = false
  #opening: Promise<void> | undefined
  #isLocal = false
  #waitingBytes = 0
  #pausedUntil = Number.NEGATIVE_INFINITY
  #hits = 0
  #misses = 0
  #damaged = 0
  #refused = 0

  constructor({ directory, maxBytes, now, onPause, neverAtOnce }: DiskCacheOptions) {
    this.#directory = directory
    this.#shelf = new Shelf(maxBytes)
    this.#now = now ?? (() => performance.now())
    this.#onPause = onPause ?? (() => {})
    this.#neverAtOnce = neverAtOnce ?? false
    this.#journal = new Journal({
      path: join(directory, 'journal'),
      count: () => this.#shelf.size,
      lines: () => this.#shelf.journal(),
      onError: error => this.#pause(error)
    })
  }

  /** Learns from the journal what is there; what is over the budget by now is forgotten. A folder that cannot be read is empty. */
  async start(): Promise<void> {
    await this.#open()
    this.#shelf.load(await this.#journal.read())
  }

  /** Resolves when all that was taken in is written. */
  async flush(): Promise<void> {
    await this.#opening
    while (this.#writing.size > 0) await Promise.all(this.#writing)
    await this.#journal.flush()
  }

  /** Ends it: nothing is read or written any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()

    const pack = this.#pack

    this.#pack = undefined
    await pack?.close()
  }

  statistics(): DiskStatistics {
    return {
      blocks: this.#shelf.size,
      bytes: this.#shelf.weight,
      hits: this.#hits,
      misses: this.#misses,
      damaged: this.#damaged,
      refused: this.#refused,
      isPaused: this.#now() < this.#pausedUntil
    }
  }

  has(cid: CID): boolean {
    return this.#shelf.has(cid.toString())
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    const key = cid.toString()
    const entry = this.#shelf.use(key)
    const block = entry == null ? undefined : await this.#read(cid, entry)

    if (block == null) this.#misses += 1
    else this.#hits += 1

    return block
  }

  put(cid: CID, bytes: Uint8Array | readonly Uint8Array[]): void {
    const key = cid.toString()
    const size = lengthOf(bytes)

    if (this.#shelf.use(key) != null) return

    const pack = this.#mayWrite(size) ? this.#pack : undefined
    const entry = pack && this.#shelf.admit(key, size)

    if (pack == null || entry == null) this.#refused += 1
    else this.#store(pack, entry, bytes)
  }

  async delete(cid: CID): Promise<boolean> {
    const key = cid.toString()

    if (!this.#shelf.has(key)) return false
    this.#forget(key)
    await this.#journal.flush()

    return true
  }

  async clear(): Promise<void> {
    this.#shelf.clear()
    await this.close()
    await rm(this.#directory, { recursive: true, force: true })
    this.#isClosed = false
    await this.#open()
  }

  async #open(): Promise<void> {
    this.#opening ??= this.#openPack().finally(() => {
      this.#opening = undefined
    })

    return this.#opening
  }

  async #openPack(): Promise<void> {
    try {
      // What somebody has read is nobody else's business.
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      this.#isLocal = !this.#neverAtOnce && (await isLocal(this.#directory))
      this.#pack = await Pack.open(join(this.#directory, 'pack'), this.#shelf.pages)
    } catch (error) {
      this.#pause(error)
    }
  }

  #store(pack: Pack, entry: Entry, bytes: Uint8Array | readonly Uint8Array[]): void {
    if (this.#isLocal && this.#patience.isLeft(this.#now())) {
      this.#writeAtOnce(pack, entry, bytes instanceof Uint8Array ? [bytes] : bytes)
    } else {
      entry.pieces = ownPieces(bytes)
      this.#waiting.add(entry)
      this.#waitingBytes += entry.size
      this.#write(pack)
    }
  }

  #mayWrite(size: number): boolean {
    if (this.#isClosed || this.#now() < this.#pausedUntil) return false
    if (this.#pack == null) void this.#open()

    return this.#waitingBytes + size <= MAX_WAITING_BYTES
  }

  /** Handing a block to another thread and back costs more than the write, and holds its bytes as long. */
  #writeAtOnce(pack: Pack, entry: Entry, pieces: readonly Uint8Array[]): void {
    const before = this.#now()

    try {
      pack.writeAtOnce(pieces, entry.extents)
      this.#journal.add(keptLine(entry))
      this.#patience.note(this.#now() - before, this.#now())
    } catch (error) {
      this.#shelf.drop(entry.key)
      this.#refused += 1
      this.#pause(error)
    }
  }

  #write(pack: Pack): void {
    for (const entry of this.#waiting) {
      if (this.#writing.size >= WRITES_AT_ONCE) return

      this.#waiting.delete(entry)

      const writing = this.#writeLater(pack, entry).finally(() => {
        this.#writing.delete(writing)
        this.#write(pack)
      })

      this.#writing.add(writing)
    }
  }

  async #writeLater(pack: Pack, entry: Entry): Promise<void> {
    this.#shelf.enter(entry)
    try {
      // It may have been dropped while it waited.
      if (!entry.isGone) await pack.write(entry.pieces ?? [], entry.extents)
      if (!entry.isGone) this.#journal.add(keptLine(entry))
    } catch (error) {
      if (!entry.isGone) this.#shelf.drop(entry.key)
      this.#refused += 1
      this.#pause(error)
    } finally {
      entry.pieces = undefined
      this.#waitingBytes -= entry.size
      this.#shelf.leave(entry)
    }
  }

  #pause(error: unknown): void {
    if (!(error instanceof Error) || !FULL.has(codeOf(error))) return
    if (this.#now() >= this.#pausedUntil) this.#onPause(error)
    this.#pausedUntil = this.#now() + PAUSE_AFTER_FAILURE
    for (const entry of this.#waiting) if (!entry.isGone) this.#shelf.drop(entry.key)
  }

  async #read(cid: CID, entry: Entry): Promise<Uint8Array | undefined> {
    return entry.pieces == null ? this.#readPages(cid, entry) : ownBytes(entry.pieces)
  }

  async #readPages(cid: CID, entry: Entry): Promise<Uint8Array | undefined> {
    const pack = this.#pack

    this.#shelf.enter(entry)
    try {
      const bytes = await pack?.read(entry.size, entry.extents)

      if (bytes == null || isBlockOf(cid, bytes)) return bytes
    } catch {
      // A disk that cannot be read now may be read later.
      return undefined
    } finally {
      this.#shelf.leave(entry)
    }

    // What was read while the file was closed says nothing.
    if (!entry.isGone && this.#pack === pack) {
      this.#damaged += 1
      this.#forget(entry.key)
    }

    return undefined
  }

  /** So that it is not there after a restart either. */
  #forget(key: string): void {
    this.#shelf.drop(key)
    this.#journal.add(removedLine(key))
  }
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? ''
}
