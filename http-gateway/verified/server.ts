import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BlockUnavailableError } from '../../overlay/content/fetch/index.ts'
import { FRESH_FOR, type KnownSite } from '../../overlay/content/index.ts'
import { formatAddress } from '../../identity/index.ts'
import { CertificateMismatchError } from '../errors.ts'
import type { NodeVerdict } from '../front/front-options.ts'
import type { Target } from '../hosts/host-table.ts'
import type { Problem } from '../pages/problem.ts'
import { sendProblem } from '../pages/server.ts'
import { answerFor } from '../site/answer.ts'
import { ConnectionLines } from '../site/connection-lines/service.ts'
import type { HotFile, WireAnswer } from '../site/file.ts'
import { readSitePath, slashRedirect } from '../site/path.ts'
import { rangeProblem } from '../site/range-problem.ts'
import { ClientGoneError, cut } from '../streaming/service.ts'
import { HotAnswers } from './hot-answers.ts'
import { Library, type LibraryOptions } from './library/service.ts'
import { blocksOf, locate, wholeOf, type EntryPath } from './locate.ts'
import { isPlain } from './plain.ts'
import { notInTree, problemFor } from './problems.ts'
import { stalenessFields, UNVERIFIED, verifiedRepresentation } from './representation.ts'
import type { OpenSite, ServedFile } from './sites/service.ts'
import { Visit } from './visit/service.ts'

/** Answers from the publisher as it is; `onFail` may have a better problem than the usual one where that is out of reach. */
export type Forward = (
  request: IncomingMessage,
  response: ServerResponse,
  verdict: NodeVerdict,
  onFail?: (error: unknown) => Problem | undefined
) => void

export interface VerifiedServerOptions extends LibraryOptions {
  readonly forward: Forward
}

const BOUNDARY_BYTES = 16

// Small files of others may take one part in so many of the memory that those of the own site may.
const HOT_SHARE = 4

// A site that changes while it is read is read again by its new record, so many times; the publisher signs within half a second of a change.
const RENEWALS = 3

/** Answers GET and HEAD for files that the signed tree of another node names, every byte checked before it is sent. */
export class VerifiedServer {
  readonly library: Library
  readonly #options: VerifiedServerOptions
  readonly #hot: HotAnswers
  readonly #lines: ConnectionLines

  constructor(options: VerifiedServerOptions) {
    this.#options = options
    this.library = new Library(options)
    this.#hot = new HotAnswers(options.limits.hotBytes / HOT_SHARE)
    this.#lines = new ConnectionLines(options.limits.keepAliveTimeout)
  }

  /** The answer to a plain request for a small file that was verified a moment ago, as it goes over a connection that stays open. */
  answerHot(target: Target, path: string, method: 'GET' | 'HEAD'): WireAnswer | undefined {
    return this.#hotFor(target, path)?.answer(method, this.#lines.date(), this.#lines.persistence)
  }

  /** Answers with a small file that was verified a moment ago; false where there is none. */
  serveHot(
    request: IncomingMessage,
    response: ServerResponse,
    { target, path }: NodeVerdict
  ): boolean {
    const answer = isPlain(request.headers) ? this.#hotFor(target, path) : undefined

    if (answer === undefined) {
      return false
    }

    response.writeHead(200, answer.fields)
    response.end(request.method === 'HEAD' ? undefined : answer.content)

    return true
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict
  ): Promise<void> {
    const visit = new Visit(request, response, verdict, this.#options.limits.lookupTimeout)
    const path = readSitePath(verdict.path)
    const address = await this.library.fullAddress(verdict.target.address, visit.signal)
    const known = address === undefined ? undefined : await this.library.lookup.find(address)

    if (known === undefined || path.kind !== 'entry') {
      this.#forward(visit)
    } else {
      await this.#serveKnown(visit, path, known)
    }
  }

  async close(): Promise<void> {
    await this.library.close()
  }

  #hotFor({ address: { uuid, fp } }: Target, path: string): HotFile | undefined {
    const known = fp === undefined ? undefined : this.library.lookup.recall({ uuid, fp })

    return known && this.#hot.get(this.library.sites.open(known.site).key, path)
  }

  async #serveKnown(visit: Visit, path: EntryPath, first: KnownSite): Promise<void> {
    let known = first

    for (let renewal = 0; ; renewal++) {
      try {
        await this.#answer(visit, path, known)

        return
      } catch (error) {
        const newer = await this.#newer(visit, known, error, renewal)

        if (newer === undefined) {
          this.#fail(visit, known, error)

          return
        }

        known = newer
      }
    }
  }

  async #answer(visit: Visit, path: EntryPath, known: KnownSite): Promise<void> {
    const open = this.library.sites.open(known.site)
    const served = await this.#find(open, path, visit.signal)

    if (served === 'folder') {
      visit.begin()
      this.#redirect(visit)
    } else if (served === 'missing') {
      this.#forward(visit, known)
    } else {
      await this.#send(visit, open, served, known)
      this.library.headChecks.sample(known, served.file, visit.verdict.path)
    }
  }

  async #find(
    open: OpenSite,
    path: EntryPath,
    signal: AbortSignal
  ): Promise<ServedFile | 'folder' | 'missing'> {
    const key = `/${path.names.map(name => `${name}/`).join('')}${path.isFolder ? '/' : ''}`
    const known = this.library.sites.recallFile(open, key)

    if (known !== undefined) {
      return known
    }

    const file = await locate(open.reader, path, signal)

    if (typeof file === 'string') {
      return file
    }

    const tree = { root: open.root, seq: open.site.seq }
    const served = {
      file,
      representation: verifiedRepresentation(file, tree, this.#options.naming)
    }

    this.library.sites.rememberFile(open, key, served)

    return served
  }

  async #send(
    visit: Visit,
    open: OpenSite,
    { file, representation }: ServedFile,
    known: KnownSite
  ): Promise<void> {
    const { request, response } = visit
    const { method = '', headers } = request
    const { status, fields, content } = answerFor({ method, headers, newBoundary }, representation)

    if (status === 412 || status === 416) {
      visit.begin()
      this.#refuse(visit, rangeProblem(status, fields))

      return
    }

    const stale = stalenessFields(known.confirmed, Date.now(), FRESH_FOR)

    if (method === 'HEAD' || content.length === 0) {
      visit.begin()
      response.writeHead(status, [...fields, ...stale])
      response.end()
    } else if (status === 200 && file.size <= this.#options.limits.hotFileSize) {
      const whole = await wholeOf(open.reader.read(file, 0, file.size, visit))

      visit.begin()
      response.writeHead(status, [...fields, ...stale])
      response.end(whole)

      if (!visit.verdict.path.includes('?')) {
        this.#hot.set(open.key, visit.verdict.path, representation, whole)
      }
    } else {
      await this.library.sites.askSiblings(open, { file, representation })
      await visit.send(
        status,
        [...fields, ...stale],
        blocksOf(open.reader, file, content, visit.signal)
      )
    }
  }

  /** From the publisher as it is; where `known` is given, its tree does not name the path. */
  #forward({ request, response, verdict, begin }: Visit, known?: KnownSite): void {
    begin()
    response.setHeader('Plexnet-Verified', UNVERIFIED)
    this.#options.forward(request, response, verdict, error => {
      if (known === undefined || error instanceof CertificateMismatchError) {
        return undefined
      }

      return notInTree(verdict.path, known, Date.now())
    })
  }

  /** The record to try again with, where that may mend the failure. */
  async #newer(
    visit: Visit,
    known: KnownSite,
    error: unknown,
    renewal: number
  ): Promise<KnownSite | undefined> {
    if (
      visit.isOver ||
      visit.response.headersSent ||
      !(error instanceof BlockUnavailableError) ||
      renewal >= RENEWALS
    ) {
      return undefined
    }

    // The publisher may have other bytes under the path than under their CIDs, for which it is asked from now on.
    if (renewal === 0 && error.isLie) {
      return known
    }

    const newer = await this.library.lookup.renew(known.site.address, known.site.seq)

    return newer !== undefined && newer.site.seq > known.site.seq ? newer : undefined
  }

  #fail(visit: Visit, known: KnownSite, error: unknown): void {
    const { request, response, verdict } = visit
    const { logger, naming, limits } = this.#options
    const node = formatAddress(known.site.address)

    if (visit.isGone || error instanceof ClientGoneError) {
      return
    }

    logger.warn({ err: error, node, path: verdict.path }, 'a verified document cannot be sent')

    if (response.headersSent) {
      cut(response)
    } else {
      sendProblem(
        request,
        response,
        problemFor(error, known, {
          now: Date.now(),
          lateAfter: visit.isLate ? limits.lookupTimeout : undefined
        }),
        naming.server
      )
    }
  }

  #redirect({ response, verdict }: Visit): void {
    response.writeHead(301, [
      'Server',
      this.#options.naming.server,
      'Location',
      slashRedirect(verdict.path),
      'Content-Length',
      '0'
    ])
    response.end()
  }

  #refuse({ request, response }: Visit, problem: Problem): void {
    sendProblem(request, response, problem, this.#options.naming.server)
  }
}

function newBoundary(): string {
  return randomBytes(BOUNDARY_BYTES).toString('hex')
}
