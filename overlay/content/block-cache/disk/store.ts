import { mkdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { isBlockOf } from '../../block.ts'
import type { BlockCache } from '../block-cache.ts'
import { lengthOf, ownBytes, ownPieces } from '../pieces.ts'
import { S3Fifo } from '../s3-fifo.ts'
import { fileOf, parseFileName } from './file-name.ts'
import { isLocal } from './local/store.ts'
import { Patience } from './patience.ts'
import { writeBlock, writeBlockAtOnce } from './write/store.ts'
import { errorCode } from '../../../../identity/index.ts'

/** What a file takes of the disk at least, in bytes. */
const DISK_PAGE = 4096

/** Blocks that are kept at most, whatever the budget, since their names are in memory. */
const MAX_BLOCKS = 65_536

/** Files that are written at once, and bytes that wait for it; more are not kept, since the disk is too slow for them. */
const WRITES_AT_ONCE = 4
const MAX_WAITING_BYTES = 4 << 20

/** After a disk that is full or broken, nothing is written for this long, in ms. */
const PAUSE_AFTER_FAILURE = 60_000

/** Folders that are read at once at the start. */
const FOLDERS_AT_ONCE = 32

/** Errors of a disk that takes no more for now. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

export interface DiskStatistics {
  readonly blocks: number
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  /** Files that were not the block that their name says: torn by a crash, or changed. */
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
 * Checked blocks as files, one each, under a budget in bytes.
 *
 * Whoever may write the folder may change files: each is checked against its CID whenever it is read, so that all that can be
 * done by it is to make the cache forget. The same check finds files torn by a crash, and writes need neither order nor
 * fsync. Files and not LevelDB: for blocks of 256 KiB a write costs 0.28 times the CPU, and what is dropped frees its space at once.
 */
export class DiskCache implements BlockCache {
  readonly #directory: string
  readonly #maxBytes: number
  readonly #policy: S3Fifo
  readonly #now: () => number
  readonly #onPause: (error: Error) => void
  readonly #patience = new Patience()
  readonly #neverAtOnce: boolean
  readonly #folders = new Set<string>()
  readonly #sizes = new Map<string, number>()
  readonly #waiting = new Map<string, readonly Uint8Array[]>()
  readonly #writing = new Map<string, Promise<void>>()
  readonly #removing = new Set<Promise<void>>()
  #isLocal = false
  #waitingBytes = 0
  #pausedUntil = Number.NEGATIVE_INFINITY
  #hits = 0
  #misses = 0
  #damaged = 0
  #refused = 0

  constructor({ directory, maxBytes, now, onPause, neverAtOnce }: DiskCacheOptions) {
    this.#directory = directory
    this.#maxBytes = maxBytes
    this.#policy = new S3Fifo(maxBytes)
    this.#now = now ?? (() => performance.now())
    this.#onPause = onPause ?? (() => {})
    this.#neverAtOnce = neverAtOnce ?? false
  }

  /** Learns what is there from file names; what is over the budget by now is removed. A folder that cannot be read is empty. */
  async start(): Promise<void> {
    const folders = await namesIn(this.#directory)
    const nearest = folders.length > 0 ? this.#directory : dirname(this.#directory)

    this.#isLocal = !this.#neverAtOnce && (await isLocal(nearest))

    for (let from = 0; from < folders.length; from += FOLDERS_AT_ONCE) {
      await Promise.all(
        folders.slice(from, from + FOLDERS_AT_ONCE).map(async folder => this.#load(folder))
      )
    }
  }

  /** Resolves when all that was taken in is written, and what was dropped is removed. */
  async flush(): Promise<void> {
    while (this.#writing.size > 0 || this.#removing.size > 0) {
      await Promise.all([...this.#writing.values(), ...this.#removing])
    }
  }

  statistics(): DiskStatistics {
    return {
      blocks: this.#sizes.size,
      bytes: this.#policy.weight,
      hits: this.#hits,
      misses: this.#misses,
      damaged: this.#damaged,
      refused: this.#refused,
      isPaused: this.#now() < this.#pausedUntil
    }
  }

  has(cid: CID): boolean {
    return this.#sizes.has(cid.toString())
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    const key = cid.toString()
    const size = this.#sizes.get(key)
    const block = size == null ? undefined : await this.#read(cid, key, size)

    if (block == null) this.#misses += 1
    else this.#hits += 1

    return block
  }

  put(cid: CID, bytes: Uint8Array | readonly Uint8Array[]): void {
    const key = cid.toString()
    const size = lengthOf(bytes)

    if (this.#policy.use(key)) return
    if (!this.#mayWrite(size)) {
      this.#refused += 1

      return
    }
    this.#admit(key, size)
    if (!this.#sizes.has(key)) return
    if (this.#waiting.has(key)) return
    if (this.#isLocal && this.#patience.isLeft(this.#now())) {
      this.#writeAtOnce(key, bytes instanceof Uint8Array ? [bytes] : bytes)
    } else {
      this.#waiting.set(key, ownPieces(bytes))
      this.#waitingBytes += size
      this.#write()
    }
  }

  async delete(cid: CID): Promise<boolean> {
    const key = cid.toString()
    const size = this.#sizes.get(key)

    if (size == null) return false
    this.#policy.delete(key)
    await this.#remove(key, size)

    return true
  }

  async clear(): Promise<void> {
    for (const key of this.#sizes.keys()) this.#policy.delete(key)
    this.#sizes.clear()
    this.#dropWaiting()
    await this.flush()
    this.#folders.clear()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #load(folder: string): Promise<void> {
    for (const name of await namesIn(join(this.#directory, folder))) {
      const file = parseFileName(name)

      if (file == null) continue
      if (fileOf(file.key, file.size).folder === folder) this.#admit(file.key, file.size)
      // Nobody would find it there: an earlier version had more folders.
      else await unlink(join(this.#directory, folder, name)).catch(() => {})
    }
  }

  #admit(key: string, size: number): void {
    this.#sizes.set(key, size)
    for (const gone of this.#policy.add(key, this.#weightOf(size))) {
      this.#evict(gone, this.#sizes.get(gone) ?? 0)
    }
  }

  #evict(key: string, size: number): void {
    const removing = this.#remove(key, size).finally(() => this.#removing.delete(removing))

    this.#removing.add(removing)
  }

  #weightOf(size: number): number {
    return Math.max(Math.ceil(size / DISK_PAGE) * DISK_PAGE, this.#maxBytes / MAX_BLOCKS)
  }

  #mayWrite(size: number): boolean {
    return this.#now() >= this.#pausedUntil && this.#waitingBytes + size <= MAX_WAITING_BYTES
  }

  #write(): void {
    for (const [key, pieces] of this.#waiting) {
      if (this.#writing.size >= WRITES_AT_ONCE) return
      if (this.#writing.has(key)) continue

      this.#writing.set(
        key,
        this.#writeFile(key, pieces).finally(() => {
          this.#writing.delete(key)
          this.#waitingBytes -= this.#waiting.delete(key) ? lengthOf(pieces) : 0
          this.#write()
        })
      )
    }
  }

  /** Handing a block to another thread and back costs more than the write, and holds its bytes as long. */
  #writeAtOnce(key: string, pieces: readonly Uint8Array[]): void {
    const { folder, name } = fileOf(key, lengthOf(pieces))
    const before = this.#now()

    try {
      if (!this.#folders.has(folder)) {
        mkdirSync(join(this.#directory, folder), { recursive: true })
        this.#folders.add(folder)
      }
      writeBlockAtOnce(join(this.#directory, folder, name), pieces)
      this.#patience.note(this.#now() - before, this.#now())
    } catch (error) {
      this.#folders.delete(folder)
      this.#policy.delete(key)
      this.#evict(key, lengthOf(pieces))
      this.#pause(error)
    }
  }

  async #writeFile(key: string, pieces: readonly Uint8Array[]): Promise<void> {
    const size = lengthOf(pieces)
    const { folder, name } = fileOf(key, size)

    try {
      if (!this.#folders.has(folder)) {
        await mkdir(join(this.#directory, folder), { recursive: true })
        this.#folders.add(folder)
      }
      await writeBlock(join(this.#directory, folder, name), pieces)
    } catch (error) {
      // Somebody may have removed it.
      this.#folders.delete(folder)
      this.#policy.delete(key)
      await this.#remove(key, size)
      this.#pause(error)
    }
    // Dropped while it was being written.
    if (this.#sizes.get(key) !== size) await this.#unlink(key, size)
  }

  #pause(error: unknown): void {
    this.#refused += 1
    if (!(error instanceof Error) || !FULL.has(codeOf(error))) return
    if (this.#now() >= this.#pausedUntil) this.#onPause(error)
    this.#pausedUntil = this.#now() + PAUSE_AFTER_FAILURE
    this.#dropWaiting()
  }

  #dropWaiting(): void {
    for (const [key, pieces] of this.#waiting) {
      if (this.#writing.has(key)) continue
      this.#waiting.delete(key)
      this.#waitingBytes -= lengthOf(pieces)
      this.#policy.delete(key)
      this.#sizes.delete(key)
    }
  }

  async #read(cid: CID, key: string, size: number): Promise<Uint8Array | undefined> {
    this.#policy.use(key)

    const waiting = this.#waiting.get(key)

    return waiting == null ? this.#readFile(cid, key, size) : ownBytes(waiting)
  }

  async #readFile(cid: CID, key: string, size: number): Promise<Uint8Array | undefined> {
    const { folder, name } = fileOf(key, size)

    try {
      const bytes = await readFile(join(this.#directory, folder, name))

      if (isBlockOf(cid, bytes)) return bytes
      this.#damaged += 1
    } catch (error) {
      // A machine that has no file open for it now may have one later.
      if (codeOf(error) !== 'ENOENT') return undefined
    }
    this.#policy.delete(key)
    await this.#remove(key, size)

    return undefined
  }

  async #remove(key: string, size: number): Promise<void> {
    this.#sizes.delete(key)
    // One that is being written is removed when that is done.
    if (!this.#writing.has(key)) {
      this.#waitingBytes -= lengthOf(this.#waiting.get(key) ?? [])
      this.#waiting.delete(key)
      await this.#unlink(key, size)
    }
  }

  async #unlink(key: string, size: number): Promise<void> {
    const { folder, name } = fileOf(key, size)

    await unlink(join(this.#directory, folder, name)).catch(() => {})
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? ''
}
