import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Dispatcher } from 'undici'
import { without, type Fields } from '../../cache/fields.ts'
import type { HttpCache } from '../../cache/service.ts'
import { askForContent } from '../../front/server.ts'
import { sendProblem } from '../../pages/server.ts'
import { bodyOf } from '../../upstream/relay/service.ts'
import { finished } from '../finished.ts'
import { originProblem } from '../problems.ts'
import { Reply } from '../reply/service.ts'
import { fieldsForOrigin } from '../request-fields.ts'
import { locationFrom, targetAt, type ProxyRule } from '../rules.ts'
import type { ProxyLimits } from '../settings.ts'
import { WebOrigin } from '../web-origin/service.ts'

export interface ReverseProxyOptions {
  readonly cache: HttpCache
  readonly pseudonym: string
  /** For answers that name no server. */
  readonly server: string
  readonly limits: ProxyLimits
  readonly logger: FastifyBaseLogger
}

/** What a rule makes of a request. */
export interface Destination {
  readonly rule: ProxyRule
  /** As the client named it, with its port. */
  readonly host: string
  readonly path: string
}

/** Answers parts of this node's address space out of other servers, with the cache before them. */
export class ReverseProxy {
  readonly #options: ReverseProxyOptions
  readonly #origins = new Map<ProxyRule, WebOrigin>()
  readonly #pools: LRUCache<string, Promise<Dispatcher>>

  constructor(options: ReverseProxyOptions) {
    this.#options = options
    this.#pools = new LRUCache({
      max: options.limits.maxOrigins,
      dispose: pool => void pool.then(async one => one.close())
    })
  }

  serve(request: IncomingMessage, response: ServerResponse, to: Destination): void {
    const { rule, host, path } = to
    const { method = 'GET', headers, rawHeaders, httpVersion, socket } = request
    const scheme = 'encrypted' in socket ? 'https' : 'http'
    const { cache, pseudonym } = this.#options
    const body = bodyOf(request)

    if (body !== undefined) {
      askForContent(request, response)
    }

    cache.serve(
      {
        method,
        url: `${scheme}://${host}${path}`,
        headers,
        fields: fieldsForOrigin(
          { rawHeaders, headers, version: httpVersion, pseudonym },
          {
            client: socket.remoteAddress ?? 'unknown',
            host,
            scheme,
            prefix: rule.base === undefined ? undefined : rule.path
          }
        ),
        isSurrogate: true,
        path: targetAt(rule, path),
        body
      },
      this.#originOf(rule),
      this.#reply(request, response, rule)
    )
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(async pool => (await pool).destroy()))
  }

  #reply(request: IncomingMessage, response: ServerResponse, rule: ProxyRule): Reply {
    const { pseudonym, server, logger } = this.#options
    const about = { origin: rule.origin, url: request.url }

    return new Reply(request, response, {
      finish: fields =>
        finished(
          // Meant for this node alone.
          without(fields, name => name === 'surrogate-control'),
          pseudonym,
          server
        ),
      onFail: error => {
        logger.info({ err: error, ...about }, 'a document of another server cannot be shown')
        sendProblem(request, response, originProblem(error), server)
      },
      onCut: error => {
        logger.warn(
          { err: error, ...about },
          'the answer of another server broke off; the client’s connection is cut'
        )
      }
    })
  }

  #originOf(rule: ProxyRule): WebOrigin {
    const known = this.#origins.get(rule)

    if (known !== undefined) {
      return known
    }

    const made = new WebOrigin({
      origin: rule.origin,
      dispatcher: async () => this.#poolOf(rule.origin),
      limits: this.#options.limits,
      translate: fields => translated(fields, rule)
    })

    this.#origins.set(rule, made)

    return made
  }

  async #poolOf(origin: string): Promise<Dispatcher> {
    const known = this.#pools.get(origin)

    if (known !== undefined) {
      return known
    }

    const made = this.#createPool(origin)

    this.#pools.set(origin, made)

    return made
  }

  async #createPool(origin: string): Promise<Dispatcher> {
    const { Pool } = await import('undici')
    const limits = this.#options.limits

    return new Pool(origin, {
      connections: limits.connectionsPerOrigin,
      connectTimeout: limits.connectTimeout,
      pipelining: 1,
      allowH2: false,
      headersTimeout: limits.answerTimeout,
      bodyTimeout: limits.bodyIdleTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      keepAliveMaxTimeout: limits.keepAliveTimeout,
      maxHeaderSize: limits.maxHeaderSize
    })
  }
}

function translated(fields: string[], rule: ProxyRule): Fields {
  return fields.map((value, index) => {
    const name = index % 2 === 1 ? fields[index - 1] : undefined

    return name === 'location' || name === 'content-location' ? locationFrom(rule, value) : value
  })
}
