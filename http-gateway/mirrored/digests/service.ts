import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

// 150 bytes each.
const REMEMBERED = 4096

// Files that are hashed at once; others wait.
const MAX_AT_ONCE = 2

/** SHA-256 of whole files by their CIDs, which never change; each is read once for it. */
export class FileDigests {
  readonly #known = new LRUCache<string, string>({ max: REMEMBERED })
  readonly #open = new Map<string, Promise<string>>()

  /** In base64; undefined where it is not known yet. */
  recall(cid: string): string | undefined {
    return this.#known.get(cid)
  }

  /** In base64; undefined where too many are being hashed, or the file cannot be read. */
  async of(cid: string, read: () => AsyncIterable<Uint8Array>): Promise<string | undefined> {
    const known = this.#known.get(cid) ?? this.#open.get(cid)

    if (known !== undefined) return known
    if (this.#open.size >= MAX_AT_ONCE) return undefined

    const digest = hashOf(read())

    this.#open.set(cid, digest)

    try {
      this.#known.set(cid, await digest)

      return await digest
    } catch {
      return undefined
    } finally {
      this.#open.delete(cid)
    }
  }
}

async function hashOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')

  for await (const piece of pieces) sum.update(piece)

  return sum.digest('base64')
}
