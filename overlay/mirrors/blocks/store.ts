import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { isBlockOf } from '../../content/block.ts'
import { fileOf, parseFileName } from '../../content/block-cache/disk/file-name.ts'
import { MirrorDiskError } from '../errors.ts'
import { errorCode } from '../../../identity/index.ts'

/** Folders that are read at once at the start. */
const FOLDERS_AT_ONCE = 32

/** What a write that was cut off leaves behind. */
const UNFINISHED = '.part'

/**
 * Blocks of mirrored sites, one file each: none goes before it is deleted here. A file has its name once it is whole, so that
 * a kill leaves nothing that looks like a block; each is checked against its CID whenever it is read.
 */
export class MirrorBlocks {
  readonly #directory: string
  readonly #sizes = new Map<string, number>()
  readonly #writing = new Map<string, Promise<void>>()
  #damaged = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Files that were not the block of their name, since the start; each is forgotten, to be fetched again. */
  get damaged(): number {
    return this.#damaged
  }

  /** Learns what is there from file names, and removes what was not finished. */
  async open(): Promise<void> {
    const folders = await namesIn(this.#directory)

    for (let from = 0; from < folders.length; from += FOLDERS_AT_ONCE) {
      await Promise.all(
        folders.slice(from, from + FOLDERS_AT_ONCE).map(async folder => this.#load(folder))
      )
    }
  }

  has(cid: CID): boolean {
    return this.#sizes.has(cid.toString())
  }

  keys(): string[] {
    return [...this.#sizes.keys()]
  }

  /** The block, checked; undefined where it is not here, or not any more what it was. */
  async get(cid: CID): Promise<Uint8Array | undefined> {
    const key = cid.toString()
    const size = this.#sizes.get(key)

    if (size == null) return undefined

    try {
      const bytes = await readFile(this.#pathOf(key, size))

      if (isBlockOf(cid, bytes)) return bytes
    } catch (error) {
      // A machine that has no file open for it now may have one later.
      if (!isGone(error)) return undefined
    }

    this.#damaged += 1
    await this.delete(key)

    return undefined
  }

  /**
   * Takes bytes that were checked; resolves when they are in their file.
   *
   * @throws {MirrorDiskError}
   */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    const key = cid.toString()

    if (this.#sizes.has(key)) return

    const writing =
      this.#writing.get(key) ?? this.#write(key, bytes).finally(() => this.#writing.delete(key))

    this.#writing.set(key, writing)
    await writing
  }

  async delete(key: string): Promise<void> {
    const size = this.#sizes.get(key)

    if (size == null) return

    this.#sizes.delete(key)
    await unlink(this.#pathOf(key, size)).catch(() => undefined)
  }

  async #write(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key, bytes.length)
    const unfinished = `${path}${UNFINISHED}`

    try {
      await mkdir(join(this.#directory, fileOf(key, bytes.length).folder), {
        recursive: true,
        mode: 0o700
      })
      await writeFile(unfinished, bytes)
      await rename(unfinished, path)
    } catch (error) {
      await unlink(unfinished).catch(() => undefined)
      throw new MirrorDiskError(this.#directory, error)
    }

    this.#sizes.set(key, bytes.length)
  }

  async #load(folder: string): Promise<void> {
    for (const name of await namesIn(join(this.#directory, folder))) {
      const file = parseFileName(name)

      if (file != null && fileOf(file.key, file.size).folder === folder) {
        this.#sizes.set(file.key, file.size)
      } else if (name.endsWith(UNFINISHED)) {
        await unlink(join(this.#directory, folder, name)).catch(() => undefined)
      }
    }
  }

  #pathOf(key: string, size: number): string {
    const { folder, name } = fileOf(key, size)

    return join(this.#directory, folder, name)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

function isGone(error: unknown): boolean {
  return errorCode(error) === 'ENOENT'
}
