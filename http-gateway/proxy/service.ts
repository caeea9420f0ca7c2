import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { HttpCache } from '../cache/service.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { ReverseProxy } from './reverse/service.ts'
import { parseRule, ruleFor, type ProxyRule } from './rules.ts'
import { PROXY_LIMITS, type ProxyLimits } from './settings.ts'

/** The part of the configuration that says what is fetched from the web, and for whom. */
export interface ProxySettings {
  /** Parts of this node's address space that another server answers, such as `/app/=http://127.0.0.1:3000`. */
  readonly proxy?: readonly string[] | undefined
  /** Bytes of memory for answers of others; 0 stores none. */
  readonly cacheSize?: number | undefined
}

export interface ProxiesOptions extends ProxySettings {
  readonly pseudonym: string
  /** The Server field of answers that name none. */
  readonly server: string
  readonly limits?: Partial<ProxyLimits> | undefined
  readonly logger: FastifyBaseLogger
}

/** Requests for other web servers; the parts that answer them are loaded when the first comes. */
export class Proxies {
  readonly #options: ProxiesOptions
  readonly #limits: ProxyLimits
  readonly #rules: readonly ProxyRule[]
  #cache: Promise<HttpCache> | undefined
  #reverse: ReverseProxy | undefined

  constructor(options: ProxiesOptions) {
    this.#options = options
    this.#limits = { ...PROXY_LIMITS, ...options.limits }
    this.#rules = (options.proxy ?? []).map(parseRule).filter(rule => rule !== undefined)
  }

  /** Names besides this node's own for which there are rules. */
  get hosts(): string[] {
    return this.#rules.map(({ host }) => host).filter(host => host !== undefined)
  }

  /** Whether another server answers for a document at a name of this node. */
  covers(host: string, path: string): boolean {
    return this.#rules.length > 0 && ruleFor(this.#rules, host, path) !== undefined
  }

  /** Answers a request for a document at a name of this node; false where no rule is for it. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    if (this.#rules.length === 0) {
      return false
    }

    const host = request.headers.host ?? 'localhost'
    const rule = ruleFor(this.#rules, host, path)

    if (rule === undefined) {
      return false
    }

    const to = { rule, host, path }

    if (this.#reverse === undefined) {
      void this.#load(request, response).then(reverse => reverse?.serve(request, response, to))
    } else {
      this.#reverse.serve(request, response, to)
    }

    return true
  }

  async close(): Promise<void> {
    await this.#reverse?.close()
  }

  /** Answers of others, for this and for other parts of the gateway. */
  async cache(): Promise<HttpCache> {
    this.#cache ??= this.#createCache()

    return this.#cache
  }

  async #createCache(): Promise<HttpCache> {
    const { HttpCache: Cache } = await import('../cache/service.ts')
    const { cacheSize } = this.#options

    return new Cache(cacheSize === undefined ? {} : { budget: cacheSize })
  }

  async #load(
    request: IncomingMessage,
    response: ServerResponse
  ): Promise<ReverseProxy | undefined> {
    const { pseudonym, server, logger } = this.#options

    try {
      const { ReverseProxy: Reverse } = await import('./reverse/service.ts')
      const cache = await this.cache()

      this.#reverse ??= new Reverse({ cache, pseudonym, server, limits: this.#limits, logger })

      return this.#reverse
    } catch (error) {
      logger.error({ err: error }, 'the proxy cannot be loaded')
      sendProblem(request, response, internalError(), server)

      return undefined
    }
  }
}
