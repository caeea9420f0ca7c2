import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { FastifyBaseLogger } from 'fastify'
import { observeConnections } from '../../events/connections/service.ts'
import { Events } from '../../events/service.ts'
import { createFront, type Front } from '../../front/plugin.ts'
import { ownPath } from '../../front/judge.ts'
import {
  closeServer,
  createPlainServer,
  createTlsServer,
  type ServerOptions,
  type WebServer
} from '../../front/server.ts'
import { HostTable } from '../../hosts/host-table.ts'
import { isLoopback } from '../../hosts/loopback.ts'
import { secureContext, type TlsPair } from '../../listeners/secure-context.ts'
import { listenOnAll, type Listener } from '../../listeners/service.ts'
import { Routes } from '../../handlers/routes.ts'
import { Outsiders } from '../../outsiders/service.ts'
import { parseRule, ruleFor, type ProxyRule } from '../../proxy/rules.ts'
import { SiteServer } from '../../site/server.ts'
import { SiteStore } from '../../site/store.ts'
import type { Figures, Setup } from '../messages.ts'
import { Relay } from '../relay/service.ts'
import { isRead } from '../routes.ts'
import { siteRoutes } from './plugin.ts'

/** The part of a gateway that a worker is: connections, TLS, the files of the site, refusals; the rest is handed on to the main process. */
export class WorkerGateway {
  readonly events: Events
  readonly #setup: Setup
  readonly #logger: FastifyBaseLogger
  readonly #hosts: HostTable
  readonly #rules: readonly ProxyRule[]
  #handlers = new Routes<true>()
  readonly #store: SiteStore
  readonly #relay: Relay
  readonly #outsiders: Outsiders
  readonly #front: Front
  #tls: TlsPair
  #http: Listener[] = []
  #https: Listener[] = []

  constructor(setup: Setup, logger: FastifyBaseLogger) {
    const { identity, host, name, limits, listing } = setup

    this.events = new Events(identity.address.uuid)
    this.#setup = setup
    this.#logger = logger
    this.#tls = setup.tls
    this.#rules = setup.proxy.map(parseRule).filter(rule => rule !== undefined)
    this.#hosts = new HostTable({
      address: identity.address,
      host,
      aliases: this.#rules.map(rule => rule.host).filter(alias => alias !== undefined)
    })
    this.#store = new SiteStore({ ...limits, server: name, listing })
    this.#relay = new Relay(setup.relay)
    this.handle(setup.handlers)
    this.#outsiders = new Outsiders({
      limits: setup.outsiders,
      isLocal,
      isTrusted: () => false,
      // Only the main process knows of them.
      mirrors: () => [],
      mapFor: () => [],
      name
    })
    this.#front = this.#createFront()
  }

  get figures(): Figures {
    return this.#store.hotFiles
  }

  /** @throws {PortTakenError | CannotListenError} with nothing left listening */
  async start(): Promise<void> {
    const { http, https, identity, ticketKeys, root } = this.#setup
    const options = { logger: this.#logger, isShared: true }

    await this.publish(root)
    await this.#front.app.ready()

    try {
      this.#http = await listenOnAll(http.bindings, {
        ...options,
        scheme: 'http',
        port: http.port,
        createServer: () => this.#observed(createPlainServer(this.#serverOptions()), false)
      })
      this.#https = await listenOnAll(https.bindings, {
        ...options,
        scheme: 'https',
        port: https.port,
        createServer: () =>
          this.#observed(
            createTlsServer(
              this.#serverOptions(),
              secureContext(this.#tls, identity.certificate, ticketKeys)
            ),
            true
          )
      })
    } catch (error) {
      await this.close()

      throw error
    }
  }

  async publish(root: string | undefined): Promise<void> {
    await this.#store.publish(root)
  }

  refresh(): void {
    this.#store.refresh()
  }

  /** Takes the paths that programs answer, in place of those before. */
  handle(paths: readonly string[]): void {
    const handlers = new Routes<true>()

    for (const path of paths) handlers.add(path, 'GET', true)

    this.#handlers = handlers
  }

  renew(tls: TlsPair): void {
    const { identity, ticketKeys } = this.#setup

    this.#tls = tls

    for (const { server } of this.#https) {
      if (server instanceof TlsServer) {
        server.setSecureContext(secureContext(tls, identity.certificate, ticketKeys))
      }
    }
  }

  async close(): Promise<void> {
    const listeners = [...this.#http, ...this.#https]

    await Promise.all(
      listeners.map(async ({ server }) => closeServer(server, this.#setup.limits.closeTimeout))
    )
    this.#outsiders.close()
    this.#relay.close()
    await this.#front.app.close()
  }

  #createFront(): Front {
    const { name, limits, pseudonym, publicGateway, forwardProxy, routes } = this.#setup
    const site = new SiteServer({ ...limits, store: this.#store, name })
    const forward = (request: IncomingMessage, response: ServerResponse): void => {
      this.#relay.forward(request, response)
    }
    const front = createFront({
      rules: {
        hosts: this.#hosts,
        pseudonym,
        publicGateway,
        maxTargetLength: limits.maxTargetLength,
        forwardProxy,
        ports: () => [this.#setup.http.port, this.#setup.https.port]
      },
      maxPipelined: limits.maxPipelined,
      logger: this.#logger,
      events: this.events,
      name,
      isLocal,
      isObserved: () => true,
      refuses: (request, response, verdict) =>
        this.#outsiders.refuses(request, response, ownPath(verdict)),
      mustParse: connection => this.#outsiders.mustParse(connection),
      serverFor: handler => createPlainServer({ handler, limits, name }),
      serveProxied: (request, response, path) => {
        const isElsewhere =
          !isRead(request.method ?? '') ||
          this.#isElsewhere(request.headers.host ?? 'localhost', path)

        if (isElsewhere) {
          forward(request, response)
        }

        return isElsewhere
      },
      serveHot: (request, response, path) => site.serveHot(request, response, path),
      answerHot: request =>
        this.#isElsewhere(request.fields.host, request.target) ? undefined : site.answer(request),
      idleTimeout: limits.idleTimeout,
      fetchFromWeb: forward,
      openName: forward,
      forward
    })

    void front.app.register(siteRoutes, { routes, site, forward, logger: this.#logger, name })

    return front
  }

  /** Another server answers, or a program has a say. */
  #isElsewhere(host: string, target: string): boolean {
    return (
      this.#setup.isGuarded ||
      this.#handlers.match(target) !== undefined ||
      (this.#rules.length > 0 && ruleFor(this.#rules, host, target) !== undefined)
    )
  }

  #serverOptions(): ServerOptions {
    const { limits, name } = this.#setup

    return {
      handler: this.#front.handle,
      limits,
      name,
      fastPath: this.#front.fastPath,
      onConnect: (request, socket, head) => this.#relay.connect(request, socket, head),
      onRefused: refusal => this.events.tell('parse-error', refusal)
    }
  }

  #observed<S extends WebServer>(server: S, isTls: boolean): S {
    observeConnections(server, this.events, isTls)

    return server
  }
}

/** As in the main process: a program on this machine asks, for itself and not as a proxy for others. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  return (
    isLoopback(socket.remoteAddress) &&
    headers['x-forwarded-for'] === undefined &&
    headers.forwarded === undefined
  )
}
