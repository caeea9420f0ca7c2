import { createHash, hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { digestFields, wantsDigest, type DigestFields } from '../digest-fields.ts'
import type { HotFile, OpenFile } from '../file.ts'

// 200 bytes each.
const REMEMBERED = 4096
const CHUNK = 1024 * 1024

/** SHA-256 of files, each version hashed once. */
export class Digests {
  readonly #digests = new LRUCache<string, Promise<string>>({ max: REMEMBERED })

  /**
   * What a request wants to know of a file.
   *
   * @throws where the file cannot be read, or has become shorter
   */
  async fieldsFor(
    headers: IncomingHttpHeaders,
    file: HotFile | OpenFile
  ): Promise<DigestFields | undefined> {
    return wantsDigest(headers) ? digestFields(headers, await this.#of(file)) : undefined
  }

  /** In base64. */
  async #of(file: HotFile | OpenFile): Promise<string> {
    const { etag } = file.representation
    const known = this.#digests.get(etag)

    if (known !== undefined) {
      return known
    }

    const digest =
      file.kind === 'hot' ? Promise.resolve(hash('sha256', file.content, 'base64')) : hashFile(file)

    this.#digests.set(etag, digest)
    digest.catch(() => this.#digests.delete(etag))

    return digest
  }
}

async function hashFile({ handle, representation: { size } }: OpenFile): Promise<string> {
  const sum = createHash('sha256')
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, size))

  for (let position = 0; position < size;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)

    if (bytesRead === 0) {
      throw new Error('The file has become shorter while it was hashed.')
    }

    sum.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }

  return sum.digest('base64')
}
