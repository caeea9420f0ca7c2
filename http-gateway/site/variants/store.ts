import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { Coding } from '../coding.ts'
import { coded } from '../representation.ts'
import { HotFile, type OpenFile } from '../file.ts'

export interface VariantOptions {
  /** Of all coded contents in memory, in bytes. */
  readonly bytes: number
  /** The largest file that is coded here, in bytes. */
  readonly maxFileSize: number
  /** Opens a file of the site; undefined where there is none. */
  readonly open: (file: string) => Promise<OpenFile | undefined>
}

/** `plain` where a coding makes the file no smaller. */
type Made = HotFile | 'plain'

interface Variants {
  /** The entity tag of the file that was coded. */
  readonly of: string
  readonly made: Partial<Record<Coding, Made>>
}

// Beside `style.css` may lie `style.css.br`, made by whoever built the site.
const EXTENSIONS = { br: '.br', zstd: '.zst', gzip: '.gz' }

// Ten times as fast as the best, 11, and hardly larger.
const BROTLI_QUALITY = 6

// A path takes memory too, besides the bytes of its content.
const VARIANT_COST = 1024

/** Files in content codings: found beside them, or made once and kept in memory. */
export class VariantStore {
  readonly #options: VariantOptions
  readonly #variants: LRUCache<string, Variants>
  readonly #making = new Map<string, Promise<HotFile | undefined>>()

  constructor(options: VariantOptions) {
    this.#options = options
    this.#variants = new LRUCache({
      maxSize: options.bytes,
      sizeCalculation: ({ made }) =>
        Object.values(made).reduce((sum, hot) => sum + sizeOf(hot), VARIANT_COST)
    })
  }

  clear(): void {
    this.#variants.clear()
  }

  /** What is in memory. */
  hot(original: HotFile | OpenFile, coding: Coding): Made | undefined {
    return this.#of(original)?.made[coding]
  }

  #of({ file, representation }: HotFile | OpenFile): Variants | undefined {
    const variants = this.#variants.get(file)

    return variants?.of === representation.etag ? variants : undefined
  }

  /** The receiver closes the handle of an open file; undefined where the file is best sent as it is. */
  async find(
    original: HotFile | OpenFile,
    coding: Coding
  ): Promise<HotFile | OpenFile | undefined> {
    const known = this.hot(original, coding)

    if (known !== undefined) {
      return known === 'plain' ? undefined : known
    }

    const beside = await this.#options.open(original.file + EXTENSIONS[coding])

    if (beside === undefined) {
      return this.#make(original, coding)
    }

    const { representation } = beside

    // One that is older than the file was made from another version of it.
    if (representation.modified < original.representation.modified) {
      await beside.handle.close()

      return this.#make(original, coding)
    }

    return {
      ...beside,
      representation: coded(original.representation, coding, representation)
    }
  }

  /** Requests that come while a variant is made share it. */
  async #make(original: HotFile | OpenFile, coding: Coding): Promise<HotFile | undefined> {
    if (original.representation.size > this.#options.maxFileSize) {
      return undefined
    }

    const key = `${coding} ${original.representation.etag} ${original.file}`
    const making = this.#making.get(key) ?? this.#compress(original, coding)

    this.#making.set(key, making)

    try {
      return await making
    } finally {
      this.#making.delete(key)
    }
  }

  async #compress(original: HotFile | OpenFile, coding: Coding): Promise<HotFile | undefined> {
    const { representation } = original
    const plain = original.kind === 'hot' ? original.content : await readWhole(original)

    if (plain === undefined) {
      return undefined
    }

    const content = await compress(plain, coding)
    const { etag } = representation
    const variant = coded(representation, coding, { size: content.length, etag })
    const hot =
      content.length < plain.length ? new HotFile(original.file, variant, content) : undefined

    this.#variants.set(original.file, {
      of: etag,
      made: { ...this.#of(original)?.made, [coding]: hot ?? 'plain' }
    })

    return hot
  }
}

function sizeOf(made: Made): number {
  return made === 'plain' ? 0 : made.content.length
}

async function readWhole({ handle, representation }: OpenFile): Promise<Buffer | undefined> {
  const { size } = representation
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, 0)

  return bytesRead === size ? buffer : undefined
}

async function compress(content: Buffer, coding: Coding): Promise<Buffer> {
  // Loaded when the first client asks for a coding.
  const zlib = await import('node:zlib')

  if (coding === 'gzip') {
    return promisify(zlib.gzip)(content, { level: zlib.constants.Z_BEST_COMPRESSION })
  }

  return coding === 'zstd'
    ? promisify(zlib.zstdCompress)(content)
    : promisify(zlib.brotliCompress)(content, {
        params: {
          [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length
        }
      })
}
