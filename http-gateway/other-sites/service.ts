import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, type Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { HttpGet, SiteReader, SourceChoice } from '../../overlay/content/fetch/index.ts'
import type { VerifiedSite } from '../../overlay/content/index.ts'
import { formatLabel, type FullAddress, type NodeAddress } from '../../identity/index.ts'
import type { PutToNode } from '../agreements/pushing/service.ts'
import type { HttpCache } from '../cache/service.ts'
import type { GatewayLimits } from '../config.ts'
import type { NodeVerdict } from '../front/front-options.ts'
import type { Target } from '../hosts/host-table.ts'
import { askOwnDoor } from '../own-door/service.ts'
import type { WireAnswer } from '../site/file.ts'
import {
  fetchFrom,
  type FetchOptions,
  type UpstreamResponse
} from '../upstream/fetching/service.ts'
import { Forwarder } from '../upstream/forwarding/service.ts'
import { nodeGetter } from '../upstream/sources/node/service.ts'
import { Upstream, type UpstreamOptions } from '../upstream/service.ts'
import { addVia } from '../upstream/via.ts'
import type { Content } from '../verified/content.ts'
import type { Naming } from '../verified/representation.ts'
import type { VerifyRequest } from '../verified/library/service.ts'
import { VerifiedSites } from '../verified/service.ts'
import type { VerifyEvent } from '../verified/verifying/report.ts'

export interface OtherSitesOptions extends UpstreamOptions {
  readonly naming: Naming
  readonly limits: GatewayLimits
  readonly logger: FastifyBaseLogger
  /** Answers of other nodes that are stored, where their sites have no signed tree. */
  readonly cache: () => Promise<HttpCache>
  /** Undefined where sites come from their publishers on the word of the connection. */
  readonly content: (() => Promise<Content>) | undefined
  /** A connection to this gateway itself. */
  readonly connect: () => Duplex
  /** Whether an address is that of this node itself. */
  readonly isOwn: (address: NodeAddress) => boolean
}

/** The sites of other nodes: who they are, the connections to them, and what is verified of them. */
export class OtherSites {
  readonly #options: OtherSitesOptions
  readonly #upstream: Upstream
  /** The same nodes, told who asks. */
  readonly #named: Upstream
  readonly #verified: VerifiedSites

  constructor(options: OtherSitesOptions) {
    const { naming, limits, logger, content, cache } = options
    const { ownTls, ...nameless } = options
    const upstream = new Upstream(nameless)
    const forwarder = new Forwarder({
      ...naming,
      finder: upstream,
      timeout: limits.lookupTimeout,
      logger,
      cache
    })

    this.#options = options
    this.#upstream = upstream
    this.#named = new Upstream({ ...nameless, ownTls })
    this.#verified = new VerifiedSites({
      content,
      finder: upstream,
      forward: (...asked) => forwarder.forward(...asked),
      naming,
      limits,
      logger
    })
  }

  /** Answers a request for a document of another node. */
  forward(request: IncomingMessage, response: ServerResponse, verdict: NodeVerdict): void {
    this.#verified.forward(request, response, verdict)
  }

  /** The answer to a plain request, where it is at hand. */
  answerHot(target: Target, path: string, method: 'GET' | 'HEAD'): WireAnswer | undefined {
    return this.#verified.answerHot(target, path, method)
  }

  /** How a node is asked over a connection that proves who it is. */
  getter(address: FullAddress): HttpGet {
    const { naming, limits } = this.#options

    return nodeGetter(address, {
      finder: this.#upstream,
      pseudonym: naming.pseudonym,
      timeout: limits.lookupTimeout
    })
  }

  /** How something is sent to a node, over such a connection. */
  get put(): PutToNode {
    const { naming, limits } = this.#options

    return async (address, path, { type, bytes }, signal) => {
      const fields = ['Content-Type', type, 'Content-Length', String(bytes.length)]
      const request = {
        target: { address, label: formatLabel(address) },
        method: 'PUT',
        path,
        fields: [...fields, 'Via', addVia(undefined, '1.1', naming.pseudonym)],
        body: Readable.from([bytes]),
        timeout: limits.requestTimeout
      }

      return fetchFrom(this.#upstream, request, signal)
    }
  }

  /** As `Gateway.fetch`. */
  async fetch(
    address: NodeAddress,
    path: string,
    options: FetchOptions
  ): Promise<UpstreamResponse> {
    const { isOwn, connect } = this.#options
    const { method = 'GET', headers = {}, signal, identify = false } = options
    const isDirect = isOwn(address) || identify
    const known = isDirect ? undefined : await this.#verified.known(address, method, path)

    if (known === undefined) {
      return this.#fetchFromPublisher(address, path, options)
    }

    const label = formatLabel(known)
    const host = `${label}.localhost`
    const answer = await askOwnDoor(connect, { host, method, path, headers, signal })
    const status = answer.statusCode ?? 0
    const isVerified = String(answer.headers['plexnet-verified']).startsWith('?1')

    return {
      status,
      headers: answer.headers,
      body: answer,
      trail: [
        ...this.#upstream.trailTo({ address: known, label }),
        {
          step: 'answer',
          outcome: 'ok',
          detail: `Status ${status}${isVerified ? ', verified' : ''}.`
        }
      ]
    }
  }

  async #fetchFromPublisher(
    address: NodeAddress,
    path: string,
    { method = 'GET', headers = {}, signal, content, identify = false }: FetchOptions
  ): Promise<UpstreamResponse> {
    const { isOwn, limits, naming } = this.#options
    // The way to this node itself is no loop.
    const via = isOwn(address) ? [] : ['Via', addVia(undefined, '1.1', naming.pseudonym)]
    const request = {
      target: { address, label: formatLabel(address) },
      method,
      path,
      fields: [...Object.entries(headers).flat(), ...lengthOf(content), ...via],
      body: content && Readable.from([Buffer.from(content)]),
      timeout: limits.lookupTimeout
    }

    return fetchFrom(identify ? this.#named : this.#upstream, request, signal)
  }

  /** As `Gateway.hearOfSite`. */
  async hear(address: FullAddress, record: Uint8Array): Promise<void> {
    await this.#verified.hear(address, record)
  }

  /** As `Gateway.hearOfMirror`. */
  hearOfMirror(...news: Parameters<VerifiedSites['hearOfMirror']>): void {
    this.#verified.hearOfMirror(...news)
  }

  /** As `Gateway.knowsSite`. */
  async knows(address: FullAddress): Promise<boolean> {
    return this.#verified.knows(address)
  }

  /** As `Gateway.newestSite`. */
  async newest(address: FullAddress): Promise<VerifiedSite | undefined> {
    return this.#verified.newest(address)
  }

  /** As `Gateway.readerOf`. */
  async reader(site: VerifiedSite): Promise<SiteReader | undefined> {
    return this.#verified.reader(site)
  }

  /** As `Gateway.sourcesOf`. */
  async sourcesOf(address: NodeAddress): Promise<SourceChoice[]> {
    return this.#verified.choices(address)
  }

  /** As `Gateway.verify`. */
  verify(address: NodeAddress, options?: VerifyRequest): AsyncGenerator<VerifyEvent> {
    return this.#verified.verify(address, options)
  }

  async close(): Promise<void> {
    await Promise.all([this.#upstream.close(), this.#named.close(), this.#verified.close()])
  }
}

function lengthOf(content: Uint8Array | undefined): string[] {
  return content === undefined ? [] : ['Content-Length', String(content.length)]
}
