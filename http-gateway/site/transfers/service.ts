import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../range.ts'
import { chunkSize } from './chunk-size.ts'

/** Files on their way from the disk to clients, with two buffers each: one is read into while the other is sent. */
export class Transfers {
  readonly #bytes: number
  #underway = 0

  /** @param bytes for the buffers of all transfers together */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Sends a part of a file at the client’s speed; false where the client has gone or the file has become shorter. */
  async pump(handle: FileHandle, range: ByteRange, response: ServerResponse): Promise<boolean> {
    this.#underway += 1

    try {
      return await pump(handle, range, response, chunkSize(this.#bytes, this.#underway))
    } finally {
      this.#underway -= 1
    }
  }
}

async function pump(
  handle: FileHandle,
  range: ByteRange,
  response: ServerResponse,
  chunk: number
): Promise<boolean> {
  const total = range.end - range.start + 1
  const size = Math.min(chunk, total)
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
