import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { lengthOf } from '../../pieces.ts'
import { PAGE_BYTES, type Extent } from '../pages.ts'
import { placePieces, type Placed } from '../placement.ts'

const FLAGS = fs.constants.O_RDWR | fs.constants.O_CREAT

// A descriptor serves both kinds of calls, unlike the handles of node:fs/promises.
const open = promisify(fs.open)
const close = promisify(fs.close)
const fstat = promisify(fs.fstat)
const ftruncate = promisify(fs.ftruncate)
const read = promisify(fs.read)
const writev = promisify(fs.writev)

// What somebody has read is nobody else's business.
const MODE = 0o600

/** One file with many blocks, each in pages of its own. It stays open: making a file costs far more than writing a block. */
export class Pack {
  readonly #descriptor: number

  private constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /**
   * @param pages the most that it may have; what lies behind is cut off
   * @throws what the file system says
   */
  static async open(path: string, pages: number): Promise<Pack> {
    const descriptor = await open(path, FLAGS, MODE)
    const { size } = await fstat(descriptor)

    if (size > pages * PAGE_BYTES) await ftruncate(descriptor, pages * PAGE_BYTES)

    return new Pack(descriptor)
  }

  /**
   * The bytes of a block; fewer where the file is shorter.
   *
   * @throws what the file system says
   */
  async read(size: number, extents: readonly Extent[]): Promise<Uint8Array> {
    const block = Buffer.allocUnsafeSlow(size)
    let length = 0

    for (const { position, pieces } of placePieces([block], extents)) {
      for (const piece of pieces) {
        const { bytesRead } = await read(this.#descriptor, piece, 0, piece.length, position)

        length += bytesRead
      }
    }

    return block.subarray(0, length)
  }

  /** @throws what the file system says */
  async write(pieces: readonly Uint8Array[], extents: readonly Extent[]): Promise<void> {
    for (const placed of placePieces(pieces, extents)) {
      const { bytesWritten } = await writev(this.#descriptor, placed.pieces, placed.position)

      checkWritten(bytesWritten, placed)
    }
  }

  /**
   * The same in this thread, which for a disk that need not be waited for takes a quarter of the time.
   *
   * @throws what the file system says
   */
  writeAtOnce(pieces: readonly Uint8Array[], extents: readonly Extent[]): void {
    for (const placed of placePieces(pieces, extents)) {
      checkWritten(fs.writevSync(this.#descriptor, placed.pieces, placed.position), placed)
    }
  }

  async close(): Promise<void> {
    await close(this.#descriptor)
  }
}

/** A disk that is nearly full takes a part. */
function checkWritten(count: number, { pieces }: Placed): void {
  if (count !== lengthOf(pieces)) {
    throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
  }
}
