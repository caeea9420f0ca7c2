import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { CID } from 'multiformats/cid'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import { SiteReader, SourceMemory, type FoundFile } from '../../overlay/content/fetch/index.ts'
import type { VerifiedSite } from '../../overlay/content/index.ts'
import { badRequest, methodNotAllowed, notPublished } from '../pages/request-problems.ts'
import type { Problem } from '../pages/problem.ts'
import { sendProblem } from '../pages/server.ts'
import type { SignAnswer } from '../audit/signing/service.ts'
import { answerFor, type FileAnswer } from '../site/answer.ts'
import { readSitePath, slashRedirect } from '../site/path.ts'
import { rangeProblem } from '../site/range-problem.ts'
import { ClientGoneError, cut, sendPieces } from '../streaming/service.ts'
import { locate, piecesOf } from '../verified/locate.ts'
import { verifiedRepresentation, type Naming } from '../verified/representation.ts'
import { copyDamaged } from './problems.ts'
import { FileDigests } from './digests/service.ts'

export interface MirroredOptions {
  /** The record of the version that is here as a whole. */
  readonly record: (address: FullAddress) => VerifiedSite | undefined
  /** A block of it, checked. */
  readonly block: (cid: CID) => Promise<Uint8Array | undefined>
  /** So many bytes of a site have been sent. */
  readonly onSent: (address: FullAddress, bytes: number) => void
  /** Undefined where nothing is signed. */
  readonly sign: SignAnswer | undefined
  readonly naming: Naming
  readonly logger: FastifyBaseLogger
}

export interface MirroredRequest {
  readonly address: FullAddress
  /** With its query. */
  readonly path: string
  /** Answers in place of a refusal where the copy does not name the path; undefined where nobody else is asked. */
  readonly otherwise: (() => void) | undefined
}

const BOUNDARY_BYTES = 16

const RAW = 0x55

// Documents and parts of them that are signed, in bytes: a block of a tree, which is held in memory anyway.
const MAX_SIGNED = 256 * 1024

// Trees that are open at a time, each with what its reader remembers.
const MAX_OPEN = 64

/**
 * All sites that are mirrored here have one origin with this node's own: a page of one must not act as another, nor as the owner's. In an origin of
 * its own it has no storage and no cookies; the site's own address gives it both.
 */
const SANDBOX = [
  'Content-Security-Policy',
  'sandbox allow-scripts allow-forms allow-popups allow-downloads'
]

/** Answers GET and HEAD for the sites that this node mirrors, to anybody, out of its copies and from nowhere else. */
export class MirroredServer {
  readonly #options: MirroredOptions
  readonly #readers = new LRUCache<string, SiteReader>({ max: MAX_OPEN })
  readonly #memory = new SourceMemory()
  readonly #digests = new FileDigests()

  constructor(options: MirroredOptions) {
    this.#options = options
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    asked: MirroredRequest
  ): Promise<void> {
    const { method = '' } = request
    const site = this.#options.record(asked.address)
    const path = readSitePath(asked.path)

    if (method !== 'GET' && method !== 'HEAD') {
      this.#refuse(request, response, methodNotAllowed(method, 'GET, HEAD'))
    } else if (path.kind === 'bad') {
      this.#refuse(request, response, badRequest(path.reason))
    } else if (site === undefined || path.kind === 'none') {
      this.#miss(request, response, asked)
    } else {
      await this.#answer(request, response, asked, { site, path })
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    asked: MirroredRequest,
    { site, path }: { site: VerifiedSite; path: Parameters<typeof locate>[1] }
  ): Promise<void> {
    const gone = new AbortController()

    response.once('close', () => gone.abort(new ClientGoneError()))

    try {
      const reader = this.#readerOf(site)
      const file = await locate(reader, path, gone.signal)

      if (file === 'folder') {
        this.#redirect(response, asked.path)
      } else if (file === 'missing') {
        this.#miss(request, response, asked)
      } else {
        await this.#send(request, response, { site, reader, file, signal: gone.signal })
      }
    } catch (error) {
      this.#fail(request, response, error)
    }
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    { site, reader, file, signal }: Opened
  ): Promise<void> {
    const { method = '', headers } = request
    const tree = { root: site.root.toString(), seq: site.seq }
    const known = verifiedRepresentation(file, tree, this.#options.naming)
    const digest = await this.#digestOf(method, { site, reader, file, signal })
    const representation = { ...known, fields: [...known.fields, ...SANDBOX, ...digest] }
    const answer = answerFor({ method, headers, newBoundary }, representation)

    if (answer.status === 412 || answer.status === 416) {
      this.#refuse(request, response, rangeProblem(answer.status, answer.fields))

      return
    }

    const pieces = (): AsyncIterable<Uint8Array> =>
      this.#counted(site.address, piecesOf(reader, file, answer.content, signal))

    if (method === 'GET' && isSigned(answer)) {
      await this.#sendSigned(request, response, answer, pieces())

      return
    }

    response.writeHead(answer.status, answer.fields)
    if (method === 'GET') await sendPieces(response, pieces())
    response.end()
  }

  /** A mirror stands by what it sends to anybody, asked or not: whoever audits it looks like any other client. */
  async #sendSigned(
    request: IncomingMessage,
    response: ServerResponse,
    { status, fields }: FileAnswer,
    pieces: AsyncIterable<Uint8Array>
  ): Promise<void> {
    const all = await Array.fromAsync(pieces)
    const [only] = all
    // A whole block as it was read: what was hashed when it was checked is not hashed again.
    const content = all.length === 1 && only !== undefined ? only : Buffer.concat(all)
    const signature =
      (await this.#options.sign?.(request, { status, fields, content }, { isUnasked: true })) ?? []

    response.writeHead(status, [...fields, ...signature])
    response.end(content)
  }

  /** Of a file of many blocks: a HEAD waits for it (DESIGN section 7), a GET has it where it is known. */
  async #digestOf(method: string, { reader, file, signal }: Opened): Promise<string[]> {
    // In the representation already.
    if (file.cid.code === RAW) return instanceDigest(Buffer.from(file.cid.multihash.digest))

    const cid = file.cid.toString()
    const read = (): AsyncIterable<Uint8Array> => reader.read(file, 0, file.size, { signal })
    const digest = method === 'HEAD' ? await this.#digests.of(cid, read) : this.#digests.recall(cid)

    return digest === undefined
      ? []
      : ['Repr-Digest', `sha-256=:${digest}:`, ...instanceDigest(Buffer.from(digest, 'base64'))]
  }

  async *#counted(
    address: FullAddress,
    pieces: AsyncIterable<Uint8Array>
  ): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.#options.onSent(address, piece.length)
      yield piece
    }
  }

  #readerOf(site: VerifiedSite): SiteReader {
    const name = formatAddress(site.address)
    const key = `${name} ${site.root.toString()}`
    const { block } = this.#options
    const reader =
      this.#readers.get(key) ??
      new SiteReader({
        site: name,
        root: site.root,
        sources: () => [],
        cache: { has: () => true, get: block, put: () => undefined },
        memory: this.#memory
      })

    this.#readers.set(key, reader)

    return reader
  }

  #miss(request: IncomingMessage, response: ServerResponse, asked: MirroredRequest): void {
    if (asked.otherwise === undefined) {
      this.#refuse(request, response, notPublished(asked.path))
    } else {
      asked.otherwise()
    }
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.destroyed || error instanceof ClientGoneError) return

    this.#options.logger.warn(
      { err: error, url: request.url },
      'a mirrored document cannot be sent'
    )

    if (response.headersSent) {
      cut(response)
    } else {
      this.#refuse(request, response, copyDamaged())
    }
  }

  #redirect(response: ServerResponse, path: string): void {
    const { server } = this.#options.naming

    response.writeHead(301, [
      'Server',
      server,
      'Location',
      slashRedirect(path),
      'Content-Length',
      '0'
    ])
    response.end()
  }

  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    sendProblem(request, response, problem, this.#options.naming.server)
  }
}

/** What is larger is sent as it is read; several ranges together have a text of their own each time. */
function isSigned({ status, content }: FileAnswer): boolean {
  const [part, ...others] = content

  return (
    (status === 200 || status === 206) &&
    others.length === 0 &&
    typeof part === 'object' &&
    part.end - part.start < MAX_SIGNED
  )
}

/** RFC 3230, which clients of RFC 6249 know. */
function instanceDigest(digest: Buffer): string[] {
  return ['Digest', `SHA-256=${digest.toString('base64')}`]
}

interface Opened {
  readonly site: VerifiedSite
  readonly reader: SiteReader
  readonly file: FoundFile
  readonly signal: AbortSignal
}

function newBoundary(): string {
  return randomBytes(BOUNDARY_BYTES).toString('hex')
}
