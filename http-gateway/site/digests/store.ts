import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import { digestFields, wantsDigest, type DigestFields } from '../digest-fields.ts'
import { instanceDigest, type HotFile, type OpenFile } from '../file.ts'

// 200 bytes each.
const REMEMBERED = 4096
const CHUNK = 1024 * 1024

// The largest file that a HEAD has hashed when nobody says that the digest is wanted, in bytes: a second of one processor.
const MAX_UNASKED = 1 << 30

/** SHA-256 of files, each version hashed once. */
export class Digests {
  readonly #digests = new LRUCache<string, Promise<string>>({ max: REMEMBERED })

  /**
   * What a request wants to know of a file; a HEAD is told the digest anyway (DESIGN section 7), and so is a GET where it is known. `isMirrored`: links to duplicates
   * go with it, which are checked by that.
   *
   * @throws where the file cannot be read, or has become shorter
   */
  async fieldsFor(
    { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
    file: HotFile | OpenFile,
    isMirrored: boolean
  ): Promise<DigestFields | undefined> {
    const digest = await this.#digestFor(method, headers, file)

    if (digest === undefined) return undefined

    const { document, whole } = digestFields(headers, digest)

    return { document: [...document, ...(isMirrored ? instanceDigest(digest) : [])], whole }
  }

  /** What is known already costs nothing. */
  async #digestFor(
    method: string | undefined,
    headers: IncomingHttpHeaders,
    file: HotFile | OpenFile
  ): Promise<string | undefined> {
    if (file.kind === 'hot') return file.digest

    const isHead = method === 'HEAD' && file.representation.size <= MAX_UNASKED

    return isHead || wantsDigest(headers)
      ? this.#of(file)
      : this.#digests.get(file.representation.etag)
  }

  /** In base64. */
  async #of(file: OpenFile): Promise<string> {
    const { etag } = file.representation
    const known = this.#digests.get(etag)

    if (known !== undefined) {
      return known
    }

    const digest = hashFile(file)

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
