import type { Standing } from '../choice/evidence.ts'
import { SourceError } from '../errors.ts'
import type { BlockRequest, BlockSource, RangeRequest } from '../source.ts'
import { checkBlockAnswer, checkRangeAnswer, isAbsent, type HttpAnswer } from './http-answer.ts'

/** One GET. It must not follow redirections, nor decode bodies, and fails where a body breaks off. */
export type HttpGet = (
  target: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal
) => Promise<HttpAnswer>

export interface HttpSourceOptions {
  readonly id: string
  readonly kind: BlockSource['kind']
  readonly get: HttpGet
  /** The path of the site's root on the server, ending in a slash; undefined where it has only blocks. */
  readonly files?: string
  /** The path below which blocks stand by CID, ending in a slash, such as `/ipfs/`; undefined where it has only files. */
  readonly blocks?: string
  readonly standing?: (() => Standing) | undefined
}

/** A source that is asked by HTTP: for files as ranges, for blocks as a trustless gateway. */
export class HttpSource implements BlockSource {
  readonly id: string
  readonly kind: BlockSource['kind']
  readonly standing?: NonNullable<BlockSource['standing']>
  readonly block?: NonNullable<BlockSource['block']>
  readonly range?: NonNullable<BlockSource['range']>

  constructor({ id, kind, get, files, blocks, standing }: HttpSourceOptions) {
    this.id = id
    this.kind = kind
    if (standing != null) this.standing = standing
    if (blocks != null) {
      this.block = async (cid, request) => getBlock(get, `${blocks}${cid.toString()}`, request)
    }
    if (files != null) {
      this.range = (path, start, end, request) =>
        getRange(get, targetOf(files, path), { ...request, start, end })
    }
  }
}

/** Path segments as they stand in a URL. */
function targetOf(base: string, path: readonly string[]): string {
  return base + path.map(segment => encodeURIComponent(segment)).join('/')
}

async function getBlock(
  get: HttpGet,
  target: string,
  { signal, maxBytes }: BlockRequest
): Promise<Uint8Array | undefined> {
  const answer = await get(
    `${target}?format=raw`,
    { accept: 'application/vnd.ipld.raw', 'accept-encoding': 'identity' },
    signal
  )

  if (isAbsent(answer.status)) return undefined
  checkBlockAnswer(answer, maxBytes)

  const chunks: Uint8Array[] = []
  let length = 0

  for await (const chunk of answer.body) {
    length += chunk.length
    if (length > maxBytes) throw new SourceError('wrong', `sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }

  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}

async function* getRange(
  get: HttpGet,
  target: string,
  { start, end, size, signal }: RangeRequest & { readonly start: number; readonly end: number }
): AsyncGenerator<Uint8Array> {
  const answer = await get(
    target,
    { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' },
    signal
  )

  checkRangeAnswer(answer, { start, end, size })

  let missing = end - start

  for await (const chunk of answer.body) {
    missing -= chunk.length
    if (missing < 0 && answer.status === 206) {
      throw new SourceError('wrong', 'sent more than the range that it announced')
    }
    // A whole file where its beginning was asked for goes on behind it.
    yield missing < 0 ? chunk.subarray(0, missing) : chunk
    if (missing < 0) return
  }

  if (missing > 0) throw new SourceError('wrong', `sent ${missing} bytes less than it announced`)
}
