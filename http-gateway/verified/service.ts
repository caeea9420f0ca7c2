import type { FoundMirrors } from '../mirrors/service.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { SiteReader, SourceChoice } from '../../overlay/content/fetch/index.ts'
import type { VerifiedSite } from '../../overlay/content/index.ts'
import { errorMessage, type FullAddress, type NodeAddress } from '../../identity/index.ts'
import type { GatewayLimits } from '../config.ts'
import { NoSiteRecordError } from '../errors.ts'
import type { NodeVerdict } from '../front/front-options.ts'
import type { Target } from '../hosts/host-table.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { WireAnswer } from '../site/file.ts'
import { isTrustless } from '../trustless/request.ts'
import type { Finder } from '../upstream/exchange/service.ts'
import type { Content } from './content.ts'
import type { Naming } from './representation.ts'
import type { VerifyRequest } from './library/service.ts'
import type { Forward, VerifiedServer } from './server.ts'
import type { VerifyEvent } from './verifying/report.ts'

export interface VerifiedOptions {
  /** Undefined where sites are only read from their publishers, on the word of the connection. */
  readonly content: (() => Promise<Content>) | undefined
  readonly finder: Finder
  readonly forward: Forward
  readonly naming: Naming
  readonly limits: GatewayLimits
  readonly logger: FastifyBaseLogger
}

// What a node says of itself is its own to answer.
const PROTOCOL = '/.well-known/plexnet/'

/** The sites of other nodes: out of their signed trees where they have one, from the publisher as it answers else. */
export class VerifiedSites {
  readonly #options: VerifiedOptions
  #server: VerifiedServer | undefined
  #opening: Promise<VerifiedServer> | undefined

  constructor(options: VerifiedOptions) {
    this.#options = options
  }

  forward(request: IncomingMessage, response: ServerResponse, verdict: NodeVerdict): void {
    if (!this.#mayBeInTree(request.method, verdict.path)) {
      this.#options.forward(request, response, verdict)
    } else if (this.#server?.serveHot(request, response, verdict) !== true) {
      this.#serve(request, response, verdict).catch((error: unknown) => {
        const { logger, naming } = this.#options

        logger.error({ err: error, path: verdict.path }, 'a document of another node failed')
        sendProblem(request, response, internalError(), naming.server)
      })
    }
  }

  /** The answer to a plain request, where it is at hand. */
  answerHot(target: Target, path: string, method: 'GET' | 'HEAD'): WireAnswer | undefined {
    return this.#mayBeInTree(method, path)
      ? this.#server?.answerHot(target, path, method)
      : undefined
  }

  /** The part that reads trees, which is loaded when it is first needed; undefined where there is none. */
  async open(): Promise<VerifiedServer | undefined> {
    const { content } = this.#options

    if (content === undefined) {
      return undefined
    }

    this.#opening ??= this.#load(content)

    return this.#opening
  }

  /** The full address of a site that has a signed tree, for a request that may be answered out of it. */
  async known(
    address: NodeAddress,
    method: string,
    path: string
  ): Promise<FullAddress | undefined> {
    return this.#mayBeInTree(method, path)
      ? (await this.#tryOpen())?.library.known(address)
      : undefined
  }

  /**
   * Compares what every source has of a site with its signed tree, block by block; the report comes last.
   *
   * @throws {NoSiteRecordError}
   */
  async *verify(address: NodeAddress, options: VerifyRequest = {}): AsyncGenerator<VerifyEvent> {
    const server = await this.open()

    if (server === undefined) {
      throw new NoSiteRecordError(address)
    }

    yield* server.library.verify(address, options)
  }

  /** @throws {NoSiteRecordError} */
  async choices(address: NodeAddress): Promise<SourceChoice[]> {
    const server = await this.open()

    if (server === undefined) {
      throw new NoSiteRecordError(address)
    }

    return server.library.choices(address)
  }

  /** The newest record of a site that is to be had; undefined where there is none. */
  async newest(address: FullAddress): Promise<VerifiedSite | undefined> {
    return (await (await this.open())?.library.lookup.find(address))?.site
  }

  /** How blocks of a site are read for a copy of the whole. */
  async reader(site: VerifiedSite): Promise<SiteReader | undefined> {
    return (await this.open())?.library.sites.reader(site)
  }

  /** Whether the site was read here before; false where nothing was read yet in this run. */
  async knows(address: FullAddress): Promise<boolean> {
    return (await this.#server?.library.lookup.known(address)) !== undefined
  }

  /** Takes the site record that news bring, where the site was read here before. */
  async hear(address: FullAddress, record: Uint8Array): Promise<void> {
    const lookup = this.#server?.library.lookup

    if ((await lookup?.known(address)) !== undefined) {
      await lookup?.learn(address, record)
    }
  }

  /** As `Gateway.hearOfMirror`. */
  hearOfMirror(...news: Parameters<FoundMirrors['hear']>): void {
    this.#server?.library.sites.mirrors.hear(...news)
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  #mayBeInTree(method: string | undefined, path: string): boolean {
    return (
      this.#options.content !== undefined &&
      (method === 'GET' || method === 'HEAD') &&
      !path.startsWith(PROTOCOL) &&
      !isTrustless(path)
    )
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict
  ): Promise<void> {
    const server = await this.#tryOpen()

    if (server === undefined) {
      this.#options.forward(request, response, verdict)
    } else {
      await server.serve(request, response, verdict)
    }
  }

  async #tryOpen(): Promise<VerifiedServer | undefined> {
    try {
      return await this.open()
    } catch (error) {
      // The network did not come up; whoever asks is told by the way without trees.
      this.#options.logger.warn({ reason: errorMessage(error) }, 'signed trees cannot be read')

      return undefined
    }
  }

  async #load(content: () => Promise<Content>): Promise<VerifiedServer> {
    const [{ VerifiedServer: Server }, parts] = await Promise.all([
      import('./server.ts'),
      content()
    ])

    this.#server = new Server({ ...this.#options, content: parts })

    return this.#server
  }
}
