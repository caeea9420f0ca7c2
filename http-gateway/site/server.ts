import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { PlainRequest } from '../front/fast/request.ts'
import type { Problem } from '../pages/problem.ts'
import {
  badRequest,
  notAcceptable,
  notPublished,
  nothingPublishedYet
} from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { answerFor, type FileAnswer } from './answer.ts'
import { acceptableCodings } from './coding.ts'
import { ConnectionLines } from './connection-lines/service.ts'
import type { DigestFields } from './digest-fields.ts'
import type { Digests } from './digests/store.ts'
import { type HotFile, type OpenFile, type SiteFields, type WireAnswer } from './file.ts'
import type { ListedName } from './listing.ts'
import { slashRedirect } from './path.ts'
import { rangeProblem } from './range-problem.ts'
import type { SiteStore } from './store.ts'
import { Transfers } from './transfers/service.ts'

const BOUNDARY_BYTES = 16

// Browsers have a few values of Accept-Encoding between them.
const REMEMBERED_FIELDS = 256

// Of the content of an answer that is kept in one piece with its header and is copied when the Date changes.
const MAX_JOINED = 128 * 1024

export interface SiteServerOptions {
  readonly store: SiteStore
  /** The Server field. */
  readonly name: string
  /** For the buffers of all files that are on their way from the disk. */
  readonly transferBytes: number
  /** What answers say of the whole site. */
  readonly siteFields?: (() => SiteFields | undefined) | undefined
  /** How long a connection without requests stays open, as clients are told, in ms. */
  readonly keepAliveTimeout: number
}

/** Answers GET and HEAD for the node's own site. */
export class SiteServer {
  readonly #store: SiteStore
  readonly #name: string
  readonly #transfers: Transfers
  readonly #lines: ConnectionLines
  readonly #siteFields: () => SiteFields | undefined
  #digests: Digests | undefined
  readonly #accepted = new LRUCache<string, ReturnType<typeof acceptableCodings>>({
    max: REMEMBERED_FIELDS
  })

  constructor(options: SiteServerOptions) {
    const { store, name, transferBytes, keepAliveTimeout, siteFields } = options

    this.#store = store
    this.#name = name
    this.#transfers = new Transfers(transferBytes, (...part) => store.atOnce.readPart(...part))
    this.#lines = new ConnectionLines(keepAliveTimeout)
    this.#siteFields = siteFields ?? (() => undefined)
  }

  /** The answer to a plain request for a file that is in memory, as it goes over a connection that stays open; undefined where there is none. */
  answer({ method, target, fields }: PlainRequest): WireAnswer | undefined {
    const hot = this.#hotFor(target, fields.acceptEncoding)

    return hot === undefined || hot.content.length > MAX_JOINED
      ? undefined
      : hot.answer(method, this.#lines.date(), this.#lines.persistence, {
          site: this.#siteFields(),
          path: target
        })
  }

  /**
   * Answers with a file that is in memory; false where there is none. Paths of routes never get there, since their requests are not served
   * from the folder.
   */
  serveHot(request: IncomingMessage, response: ServerResponse, target: string): boolean {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const hot = isRead ? this.#hotFor(target, request.headers['accept-encoding']) : undefined

    if (hot === undefined || mayWantDigest(request)) {
      return false
    }

    this.#sendHot(request, response, hot, target)

    return true
  }

  #hotFor(target: string, acceptEncoding: string | undefined): HotFile | undefined {
    const hot = this.#store.hot(withoutQuery(target))

    return hot === undefined || acceptEncoding === undefined
      ? hot
      : this.#store.selectHot(hot, this.#codings(acceptEncoding))
  }

  /** `target` is the path with its query. */
  async serve(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const path = withoutQuery(target)
    const found = this.#store.findAtOnce(path) ?? (await this.#store.find(path))

    switch (found.kind) {
      case 'hot':
      case 'open':
        await this.#sendSelected(request, response, found, target)
        break
      case 'listing':
        await this.#sendListing(request, response, path, found.names)
        break
      case 'folder':
        this.#redirect(response, slashRedirect(target))
        break
      case 'bad':
        this.#refuse(request, response, badRequest(found.reason))
        break
      case 'missing':
        this.#refuse(
          request,
          response,
          this.#store.isEmpty ? nothingPublishedYet() : notPublished(path)
        )
    }
  }

  async #sendSelected(
    request: IncomingMessage,
    response: ServerResponse,
    found: HotFile | OpenFile,
    target: string
  ): Promise<void> {
    const codings = this.#codings(request.headers['accept-encoding'])
    const selected = await this.#store.select(found, codings)

    if (selected === undefined) {
      this.#refuse(request, response, notAcceptable())
    } else if (selected.kind === 'open') {
      await this.#sendOpen(request, response, selected, target)
    } else {
      this.#sendHot(request, response, selected, target, await this.#digestsFor(request, selected))
    }
  }

  async #digestsFor(
    request: IncomingMessage,
    file: HotFile | OpenFile
  ): Promise<DigestFields | undefined> {
    const isMirrored = this.#siteFields() !== undefined

    if (!mayWantDigest(request) && request.method !== 'HEAD' && this.#digests === undefined) {
      return undefined
    }

    const { Digests: Store } = await import('./digests/store.ts')

    this.#digests ??= new Store()

    return this.#digests.fieldsFor(request, file, isMirrored)
  }

  #codings(field: string | undefined): ReturnType<typeof acceptableCodings> {
    const key = field ?? ''
    const known = field === undefined ? acceptableCodings(field) : this.#accepted.get(key)

    if (known !== undefined) {
      return known
    }

    const codings = acceptableCodings(field)

    this.#accepted.set(key, codings)

    return codings
  }

  #sendHot(
    request: IncomingMessage,
    response: ServerResponse,
    file: HotFile,
    target: string,
    digests?: DigestFields
  ): void {
    if (digests === undefined && isPlain(request)) {
      const site = this.#siteFields()

      response.writeHead(
        200,
        site === undefined ? file.fields : [...file.fields, ...file.fieldsOf(site, target)]
      )
      response.end(request.method === 'HEAD' ? undefined : file.content)

      return
    }

    for (const part of this.#begin(request, response, file, { target, digests })) {
      response.write(
        typeof part === 'string' ? part : file.content.subarray(part.start, part.end + 1)
      )
    }

    response.end()
  }

  async #sendOpen(
    request: IncomingMessage,
    response: ServerResponse,
    file: OpenFile,
    target: string
  ): Promise<void> {
    const { handle } = file

    try {
      const digests = await this.#digestsFor(request, file)

      for (const part of this.#begin(request, response, file, { target, digests })) {
        if (typeof part === 'string') {
          response.write(part)
        } else if (!(await this.#transfers.pump(handle, part, response))) {
          response.destroy()

          return
        }
      }

      response.end()
    } finally {
      await handle.close()
    }
  }

  /** Sends the header, or a whole refusal; returns what is still to be sent. */
  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    { representation }: HotFile | OpenFile,
    { target, digests }: { readonly target: string; readonly digests: DigestFields | undefined }
  ): FileAnswer['content'] {
    const { method = '', headers } = request
    const { status, fields, content } = answerFor({ method, headers, newBoundary }, representation)

    if (status === 412 || status === 416) {
      this.#refuse(request, response, rangeProblem(status, fields))

      return []
    }

    const isSent = status === 200 || status === 206

    response.writeHead(status, [
      ...fields,
      ...(digests?.document ?? []),
      ...(status === 200 ? (digests?.whole ?? []) : []),
      ...(isSent ? (this.#siteFields()?.fieldsFor(target) ?? []) : [])
    ])

    return method === 'HEAD' ? [] : content
  }

  async #sendListing(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    names: readonly ListedName[]
  ): Promise<void> {
    const { listingPage } = await import('./listing.ts')
    const page = listingPage(path, names)

    response.writeHead(200, [
      'Server',
      this.#name,
      'Content-Type',
      'text/html; charset=utf-8',
      'Content-Length',
      String(Buffer.byteLength(page)),
      'Cache-Control',
      'no-cache',
      'Content-Security-Policy',
      "default-src 'none'",
      'X-Content-Type-Options',
      'nosniff'
    ])
    response.end(request.method === 'HEAD' ? undefined : page)
  }

  #redirect(response: ServerResponse, location: string): void {
    response.writeHead(301, ['Server', this.#name, 'Location', location, 'Content-Length', '0'])
    response.end()
  }

  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    sendProblem(request, response, problem, this.#name)
  }
}

function mayWantDigest({ headers }: IncomingMessage): boolean {
  return headers['want-repr-digest'] !== undefined || headers['want-content-digest'] !== undefined
}

function isPlain({ headers }: IncomingMessage): boolean {
  return (
    headers.range === undefined &&
    headers['if-none-match'] === undefined &&
    headers['if-modified-since'] === undefined &&
    headers['if-match'] === undefined &&
    headers['if-unmodified-since'] === undefined
  )
}

function withoutQuery(target: string): string {
  const query = target.indexOf('?')

  return query < 0 ? target : target.slice(0, query)
}

function newBoundary(): string {
  return randomBytes(BOUNDARY_BYTES).toString('hex')
}
