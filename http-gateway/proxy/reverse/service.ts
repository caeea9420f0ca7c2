import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { without, type Fields } from '../../cache/fields.ts'
import type { HttpCache } from '../../cache/service.ts'
import { askForContent } from '../../front/server.ts'
import { sendProblem } from '../../pages/server.ts'
import { bodyOf } from '../../upstream/request-body/service.ts'
import { finished } from '../finished.ts'
import { Pools } from '../pools/service.ts'
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
  readonly #pools: Pools

  constructor(options: ReverseProxyOptions) {
    this.#options = options
    this.#pools = new Pools(options.limits)
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
        space: 'behind',
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
        isStored: true,
        isSurrogate: true,
        path: targetAt(rule, path),
        body
      },
      this.#originOf(rule),
      this.#reply(request, response, rule)
    )
  }

  async close(): Promise<void> {
    await this.#pools.close()
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
      dispatcher: async () => this.#pools.of(rule.origin),
      limits: this.#options.limits,
      translate: fields => translated(fields, rule)
    })

    this.#origins.set(rule, made)

    return made
  }
}

function translated(fields: string[], rule: ProxyRule): Fields {
  return fields.map((value, index) => {
    const name = index % 2 === 1 ? fields[index - 1] : undefined

    return name === 'location' || name === 'content-location' ? locationFrom(rule, value) : value
  })
}
