import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { FastAnswer } from '../front/fast/connection/service.ts'
import type { PlainRequest } from '../front/fast/request.ts'
import type { HttpCache } from '../cache/service.ts'
import { parseAuthority } from '../hosts/authority.ts'
import type { HostTable } from '../hosts/host-table.ts'
import type { Problem } from '../pages/problem.ts'
import { internalError, methodNotAllowed } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { WebTarget } from './forward/service.ts'
import type { Loaded } from './loaded/service.ts'
import { parseRule, ruleFor, type ProxyRule } from './rules.ts'
import { PROXY_LIMITS, type ProxyLimits } from './settings.ts'

/** The part of the configuration that says what is fetched from the web, and for whom. */
export interface ProxySettings {
  /** Parts of this node's address space that another server answers, such as `/app/=http://127.0.0.1:3000`. */
  readonly rules?: readonly string[] | undefined
  /** Fetch documents of the web, and open tunnels, for programs on this machine. */
  readonly forward?: boolean | undefined
  /** To which tunnels lead. */
  readonly connectPorts?: readonly number[] | undefined
  /** Lead to addresses of this machine and of private networks, too. */
  readonly private?: boolean | undefined
  /** What is not given has its default. */
  readonly limits?: Partial<ProxyLimits> | undefined
  /** Bytes of memory for answers of others; 0 stores none. */
  readonly cacheSize?: number | undefined
}

export interface ProxiesOptions extends ProxySettings {
  readonly pseudonym: string
  /** The Server field of answers that name none. */
  readonly server: string
  readonly logger: FastifyBaseLogger
  /** HTTP and HTTPS port on which this node listens. */
  readonly ports: () => readonly [http: number, https: number]
  readonly hosts: () => HostTable
}

// HTTPS, and the port where it is when that is taken.
const CONNECT_PORTS = [443, 8443]

/** Requests for other web servers; the parts that answer them are loaded when the first comes. */
export class Proxies {
  readonly #options: ProxiesOptions
  readonly #limits: ProxyLimits
  readonly #rules: readonly ProxyRule[]
  #cache: Promise<HttpCache> | undefined
  #loading: Promise<Loaded> | undefined
  #loaded: Loaded | undefined

  constructor(options: ProxiesOptions) {
    this.#options = options
    this.#limits = { ...PROXY_LIMITS, ...options.limits }
    this.#rules = (options.rules ?? []).map(parseRule).filter(rule => rule !== undefined)
  }

  /** Names besides this node's own for which there are rules. */
  get hosts(): string[] {
    return this.#rules.map(({ host }) => host).filter(host => host !== undefined)
  }

  /** Programs on this machine may use it as a proxy. */
  get isForward(): boolean {
    return this.#options.forward === true
  }

  /** Whether another server answers for a document at a name of this node. */
  covers(host: string, path: string): boolean {
    return this.#rules.length > 0 && ruleFor(this.#rules, host, path) !== undefined
  }

  /** The whole answer to a plain request that `covers` is true for, where it is stored; undefined where it is not at hand. */
  answerHot(request: PlainRequest, isTls: boolean): FastAnswer | undefined {
    const { target, fields } = request

    return this.#loaded?.hot.answer(
      `${isTls ? 'https' : 'http'}://${fields.host}${target}`,
      request
    )
  }

  /** Answers a request for a document at a name of this node; false where no rule is for it. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    // What a server behind this node would show of a TRACE is not for its readers.
    if (this.#rules.length === 0 || request.method === 'TRACE') {
      return false
    }

    const host = request.headers.host ?? 'localhost'
    const rule = ruleFor(this.#rules, host, path)

    if (rule === undefined) {
      return false
    }

    this.#with(request, response, ({ reverse }) => {
      reverse.serve(request, response, { rule, host, path })
    })

    return true
  }

  /** Answers a request for a document of the web. */
  fetch(request: IncomingMessage, response: ServerResponse, target: WebTarget): void {
    this.#with(request, response, ({ forward }) => forward.serve(request, response, target))
  }

  /** Opens a tunnel, for clients on this machine. */
  connect(
    isLocal: boolean,
    request: IncomingMessage,
    client: Duplex,
    head: Buffer,
    refuse: (problem: Problem) => void
  ): void {
    if (!isLocal || !this.isForward) {
      refuse(methodNotAllowed('CONNECT'))

      return
    }

    const own = this.#ownPort(request.url ?? '')

    this.#load().then(
      async ({ tunnels }) => tunnels.open({ request, client, head, own }, refuse),
      (error: unknown) => {
        this.#options.logger.error({ err: error }, 'the proxy cannot be loaded')
        refuse(internalError())
      }
    )
  }

  async close(): Promise<void> {
    // What is still being loaded ends, too; a failure to load was told to whoever asked.
    const loaded = await this.#loading?.catch(() => undefined)

    await loaded?.close()
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

  #with(request: IncomingMessage, response: ServerResponse, use: (loaded: Loaded) => void): void {
    if (this.#loaded !== undefined) {
      use(this.#loaded)

      return
    }

    const { logger, server } = this.#options

    this.#load().then(use, (error: unknown) => {
      logger.error({ err: error }, 'the proxy cannot be loaded')
      sendProblem(request, response, internalError(), server)
    })
  }

  async #load(): Promise<Loaded> {
    this.#loading ??= this.#create()
    this.#loaded = await this.#loading

    return this.#loaded
  }

  async #create(): Promise<Loaded> {
    const [{ Loaded: Parts }, cache] = await Promise.all([
      import('./loaded/service.ts'),
      this.cache()
    ])
    const { connectPorts } = this.#options

    return new Parts({
      ...this.#options,
      limits: this.#limits,
      allowPrivate: this.#options.private === true,
      connectPorts: connectPorts ?? CONNECT_PORTS,
      cache
    })
  }

  /** Where this node itself answers for the target of a tunnel: a site of the network, or the node by its own names. */
  #ownPort(target: string): number | undefined {
    const [http, https] = this.#options.ports()
    const port = Number(parseAuthority(target)?.port)
    const { kind } = this.#options.hosts().host(target)

    if (kind === 'node') {
      return port === http || port === 80 ? http : https
    }

    return kind === 'own' && (port === http || port === https) ? port : undefined
  }
}
