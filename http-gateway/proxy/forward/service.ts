import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { FastifyBaseLogger } from 'fastify'
import type { buildConnector } from 'undici'
import type { HttpCache } from '../../cache/service.ts'
import { askForContent } from '../../front/server.ts'
import { ALLOWED_METHODS } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import { bodyOf } from '../../upstream/request-body/service.ts'
import { dial } from '../dial/service.ts'
import { finished } from '../finished.ts'
import { forwardsLeft, traced, withForwards } from '../max-forwards.ts'
import { Pools } from '../pools/service.ts'
import { originProblem } from '../problems.ts'
import { Reply } from '../reply/service.ts'
import { fieldsForWeb } from '../request-fields.ts'
import type { ProxyLimits } from '../settings.ts'
import { WebOrigin } from '../web-origin/service.ts'

export interface ForwardProxyOptions {
  readonly cache: HttpCache
  readonly pseudonym: string
  /** For answers that name no server. */
  readonly server: string
  readonly limits: ProxyLimits
  /** Lead to addresses of this machine and of private networks, too. */
  readonly allowPrivate: boolean
  readonly logger: FastifyBaseLogger
}

/** A document in the web, as the target of a request names it. */
export interface WebTarget {
  readonly scheme: 'http' | 'https'
  /** With the port where that is not the usual one. */
  readonly authority: string
  readonly path: string
}

/** Fetches documents of the web for programs on this machine, with the cache in between. */
export class ForwardProxy {
  readonly #options: ForwardProxyOptions
  readonly #pools: Pools

  constructor(options: ForwardProxyOptions) {
    this.#options = options
    this.#pools = new Pools(options.limits, (target, callback) => {
      void this.#hand(target, callback)
    })
  }

  serve(request: IncomingMessage, response: ServerResponse, target: WebTarget): void {
    const { method = 'GET', headers, rawHeaders, httpVersion } = request
    const { cache, pseudonym } = this.#options
    const left = forwardsLeft(method, request)

    if (left === 0) {
      this.#answerHere(request, response)

      return
    }

    const fields = fieldsForWeb({ rawHeaders, headers, version: httpVersion, pseudonym })
    const body = bodyOf(request)
    const origin = `${target.scheme}://${target.authority}`

    if (body !== undefined) {
      askForContent(request, response)
    }

    cache.serve(
      {
        method,
        space: 'web',
        url: `${origin}${target.path}`,
        headers,
        fields: left === undefined ? fields : withForwards(fields, left - 1),
        isStored: true,
        isSurrogate: false,
        path: target.path,
        body
      },
      new WebOrigin({
        origin,
        dispatcher: async () => this.#pools.of(origin),
        limits: this.#options.limits,
        translate: answer => answer
      }),
      this.#reply(request, response, origin)
    )
  }

  async close(): Promise<void> {
    await this.#pools.close()
  }

  #reply(request: IncomingMessage, response: ServerResponse, origin: string): Reply {
    const { pseudonym, server, logger } = this.#options

    return new Reply(request, response, {
      finish: fields => finished(fields, pseudonym, server),
      onFail: error => {
        logger.debug({ err: error, origin }, 'a document of the web cannot be shown')
        sendProblem(request, response, originProblem(error), server)
      },
      onCut: error => {
        logger.debug({ err: error, origin }, 'an answer of the web broke off')
      }
    })
  }

  /** RFC 9110 section 7.6.2: the last that may see the request answers it. */
  #answerHere(request: IncomingMessage, response: ServerResponse): void {
    const { server } = this.#options
    const { method, url = '/', httpVersion, rawHeaders } = request

    if (method === 'TRACE') {
      response.writeHead(200, ['Server', server, 'Content-Type', 'message/http'])
      response.end(traced(url, httpVersion, rawHeaders))
    } else {
      response.writeHead(204, ['Server', server, 'Allow', ALLOWED_METHODS])
      response.end()
    }
  }

  async #hand(
    { hostname, host, port, protocol }: buildConnector.Options,
    callback: buildConnector.Callback
  ): Promise<void> {
    const isTls = protocol === 'https:'
    const { limits, allowPrivate } = this.#options
    const name = hostname.replace(/^\[(.*)\]$/, '$1')

    try {
      const socket = await dial(name, port === '' ? (isTls ? 443 : 80) : Number(port), {
        timeout: limits.connectTimeout,
        allowPrivate
      })

      if (!isTls) {
        callback(null, socket)

        return
      }

      const secure = connectTls({
        socket,
        host: name,
        // An address is no name (RFC 6066 section 3).
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ALPNProtocols: ['http/1.1']
      })

      secure.setTimeout(limits.connectTimeout, () => {
        secure.destroy(new Error(`The TLS handshake with ${host ?? name} takes too long.`))
      })
      secure.once('error', error => callback(error, null))
      secure.once('secureConnect', () => {
        secure.setTimeout(0)
        callback(null, secure)
      })
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null)
    }
  }
}
