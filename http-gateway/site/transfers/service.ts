import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../range.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { chunkSize } from './chunk-size.ts'

/** Reads into a buffer without leaving the thread; undefined where that could take long. */
export type ReadAtOnce = (fd: number, buffer: Buffer, position: number) => number | undefined

interface Transfer {
  readonly handle: FileHandle
  readonly range: ByteRange
  readonly response: ServerResponse
}

// A part that is read at once, in bytes: what it takes to read and send it, others wait.
const AT_ONCE = 512 * 1024

/**
 * Files on their way from the disk to clients: through one buffer where the system has them at hand, and with two for each where a disk has to
 * be waited for, one being read into while the other is sent.
 */
export class Transfers {
  readonly #bytes: number
  readonly #readAtOnce: ReadAtOnce
  #underway = 0

  /** @param bytes for the buffers of all transfers together */
  constructor(bytes: number, readAtOnce: ReadAtOnce) {
    this.#bytes = bytes
    this.#readAtOnce = readAtOnce
  }

  /** Sends a part of a file at the client’s speed; false where the client has gone or the file has become shorter. */
  async pump(handle: FileHandle, range: ByteRange, response: ServerResponse): Promise<boolean> {
    this.#underway += 1

    try {
      const chunk = chunkSize(this.#bytes, this.#underway)
      const start = await this.#pumpAtOnce({ handle, range, response }, Math.min(chunk, AT_ONCE))

      return start !== undefined && (await pump(handle, { start, end: range.end }, response, chunk))
    } finally {
      this.#underway -= 1
    }
  }

  /** Where the rest begins that cannot be read at once; undefined as `pump` says false. */
  async #pumpAtOnce(
    { handle, range, response }: Transfer,
    chunk: number
  ): Promise<number | undefined> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunk, range.end - range.start + 1))
    let position = range.start

    while (position <= range.end) {
      const wanted = buffer.subarray(0, range.end - position + 1)
      const bytesRead = this.#readAtOnce(handle.fd, wanted, position)

      if (bytesRead === undefined) {
        return position
      }

      if (bytesRead === 0 || !(await write(response, wanted.subarray(0, bytesRead)))) {
        return undefined
      }

      position += bytesRead
      // A client that reads as fast as this sends would keep all others waiting.
      await nextTurn()
    }

    return position
  }
}

async function pump(
  handle: FileHandle,
  range: ByteRange,
  response: ServerResponse,
  chunk: number
): Promise<boolean> {
  const size = Math.min(chunk, range.end - range.start + 1)

  if (size <= 0) {
    return true
  }

  const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const
  let position = range.start
  let sent: Promise<boolean> = Promise.resolve(true)

  for (let turn = 0; position <= range.end; turn++) {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1]
    const wanted = Math.min(size, range.end - position + 1)
    const { bytesRead } = await handle.read(buffer, 0, wanted, position)

    if (bytesRead === 0 || !(await sent)) {
      return false
    }

    position += bytesRead
    sent = write(response, buffer.subarray(0, bytesRead))
  }

  return sent
}

/** Whether the bytes have left the buffer; false where the client has gone. */
async function write(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  return new Promise(resolve => {
    if (response.destroyed) {
      resolve(false)

      return
    }

    const onClose = (): void => resolve(false)

    response.once('close', onClose)
    response.write(chunk, error => {
      response.off('close', onClose)
      resolve(error == null)
    })
  })
}
