import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Observation } from '../overlay/audit/index.ts'
import type { SiteReader, SourceChoice } from '../overlay/content/fetch/index.ts'
import type { VerifiedSite } from '../overlay/content/index.ts'
import { formatLabel, type FullAddress, type NodeAddress } from '../identity/index.ts'
import { Agreements } from './agreements/service.ts'
import { answerSigning } from './audit/signing/service.ts'
import type { MirrorLooking } from './audit/looking/mirrors/service.ts'
import type { Look } from './audit/looking/service.ts'
import { callerOn } from './callers/service.ts'
import type { CacheControl } from './control/index.ts'
import { GATEWAY_LIMITS, HANDLER_LIMITS, OUTSIDER_LIMITS, type GatewayLimits } from './config.ts'
import { observeLookups } from './events/lookups/service.ts'
import { logRequests } from './events/request-log.ts'
import { Events } from './events/service.ts'
import type { NodeVerdict } from './front/front-options.ts'
import { createFront, type Front } from './front/plugin.ts'
import { ownPath } from './front/judge.ts'
import { createPlainServer, type ServerOptions } from './front/server.ts'
import { SERVER, type GatewayOptions } from './gateway-options.ts'
import { Handlers } from './handlers/service.ts'
import { HostTable } from './hosts/host-table.ts'
import { isLoopback } from './hosts/loopback.ts'
import { bindingsFor } from './listeners/bindings.ts'
import { listenAlone } from './listeners/alone/service.ts'
import type { Doors, DoorsOptions } from './listeners/doors.ts'
import type { TlsPair } from './listeners/secure-context.ts'
import { nameOpener } from './names/service.ts'
import { ownNames } from './own-names/plugin.ts'
import { Outsiders } from './outsiders/service.ts'
import { partOf } from './outsiders/part-of.ts'
import { Proxies } from './proxy/service.ts'
import { MirroredSites } from './mirrored/service.ts'
import { SiteServer } from './site/server.ts'
import { SiteStore } from './site/store.ts'
import { connectLocally } from './own-door/service.ts'
import { OtherSites } from './other-sites/service.ts'
import type { VerifyRequest } from './verified/library/service.ts'
import type { VerifyEvent } from './verified/verifying/report.ts'
import { Streams } from './streams/service.ts'
import type { FetchOptions, UpstreamResponse } from './upstream/fetching/service.ts'
import { isRelayed } from './workers/relay/mark/service.ts'
import { collectRoutes, type RouteName } from './workers/routes.ts'

const PSEUDONYM_BYTES = 8

/** A gateway that does not listen yet. */
export function createGateway(options: GatewayOptions): Gateway {
  return new Gateway(options)
}

/** The node's web server: its own site, the sites of other nodes, and its public documents. */
export class Gateway {
  /** Further Fastify plugins are registered here before `listen`. */
  readonly app: FastifyInstance
  /** What happens here, for logs and figures. */
  readonly events: Events
  /** Programs that answer for the own site. */
  readonly handlers: Handlers
  /** Who mirrors the own site. */
  readonly agreements: Agreements
  readonly #front: Front
  readonly #hosts: HostTable
  readonly #options: GatewayOptions
  readonly #limits: GatewayLimits
  readonly #store: SiteStore
  readonly #proxies: Proxies
  readonly #others: OtherSites
  readonly #mirrored: MirroredSites
  readonly #streams: Streams
  readonly #outsiders: Outsiders
  // Drawn anew at each start, so that it tells other nodes nothing about the reader.
  readonly #pseudonym = `plexnet-${randomBytes(PSEUDONYM_BYTES).toString('hex')}`
  readonly #routes: RouteName[] = []
  #tls: TlsPair
  #doors: Doors | undefined
  #looking: Promise<MirrorLooking> | undefined

  constructor(options: GatewayOptions) {
    const { identity, logger } = options
    const limits = { ...GATEWAY_LIMITS, ...options.limits }

    this.#options = options
    this.#limits = limits
    this.events = new Events(identity.address.uuid)
    this.handlers = new Handlers({
      ...HANDLER_LIMITS,
      ...options.handlerLimits,
      events: this.events,
      logger,
      name: SERVER,
      isLocal: request => this.#isLocal(request),
      callerOf: ({ socket }) => {
        const address = options.knowCaller && callerOn(socket)

        return address && options.knowCaller?.(address)
      },
      onChange: () => void this.#doors?.handle(this.handlers.paths)
    })
    logRequests(this.events, logger)
    this.#tls = options.tls
    this.#proxies = new Proxies({
      ...options.proxies,
      pseudonym: this.#pseudonym,
      server: SERVER,
      logger,
      ports: () => [this.httpPort, this.httpsPort],
      hosts: () => this.#hosts
    })
    this.#hosts = new HostTable({
      address: identity.address,
      host: options.host,
      aliases: this.#proxies.hosts,
      isMirrored: address => options.mirroredSite?.(address) !== undefined
    })
    this.#streams = new Streams({
      maxStreams: limits.maxStreams,
      idleTimeout: limits.requestTimeout
    })
    this.#store = new SiteStore({ ...limits, server: SERVER, listing: options.listing })
    this.#others = new OtherSites({
      naming: { server: SERVER, pseudonym: this.#pseudonym },
      limits,
      logger,
      content: options.content,
      cache: async () => this.#proxies.cache(),
      isOwn: address => this.#hosts.isOwn({ address, label: '' }),
      connect: () => connectLocally(this.#doors?.server),
      resolve: observeLookups(options.resolve, this.events),
      openStream: async (record, streamOptions) =>
        formatLabel(record.address) === formatLabel(identity.address)
          ? this.#loop()
          : options.openStream(record, streamOptions),
      onRoundTrip: options.onRoundTrip,
      ownTls: () => this.#tls
    })
    this.#outsiders = new Outsiders({
      limits: { ...OUTSIDER_LIMITS, ...options.outsiderLimits },
      isLocal: request => this.#isLocal(request),
      isTrusted: () => false,
      mirrors: () => this.agreements.listedMirrors,
      mapFor: path => this.agreements.map?.fieldsFor(path) ?? [],
      name: SERVER
    })
    this.#mirrored = new MirroredSites({
      record: address => options.mirroredSite?.(address),
      block: async cid => options.mirrored?.(cid),
      onSent: (address, bytes) => options.onMirroredSent?.(address, bytes),
      sign: answerSigning(options.answerSigner),
      naming: { server: SERVER, pseudonym: this.#pseudonym },
      logger
    })
    this.agreements = new Agreements({
      settings: options.agreements,
      own: identity.address,
      ownTree: () => options.ownTree?.(),
      nodeGetter: address => this.#others.getter(address),
      put: async (...asked) => this.#others.put(...asked),
      limits,
      logger,
      isStatic: prefix =>
        !this.handlers.guardsAll &&
        (prefix === '/' ||
          (!this.handlers.concerns(prefix) &&
            !this.#proxies.covers(options.host ?? 'localhost', prefix)))
    })
    this.#front = this.#createFront()
    this.app = this.#front.app
  }

  /** URLs that reach this node from its own machine, such as `http://127.0.0.1:8010`. */
  get http(): string[] {
    return this.#doors?.http.map(({ url }) => url) ?? []
  }

  get https(): string[] {
    return this.#doors?.https.map(({ url }) => url) ?? []
  }

  /** 0 where nothing listens. */
  get httpPort(): number {
    return this.#doors?.http[0]?.port ?? 0
  }

  /** 0 where nothing listens. */
  get httpsPort(): number {
    return this.#doors?.https[0]?.port ?? 0
  }

  /** Files in memory, and the bytes that they take. */
  get hotFiles(): SiteStore['hotFiles'] {
    const here = this.#store.hotFiles
    const { count, bytes } = this.#doors?.hotFiles ?? { count: 0, bytes: 0 }

    return { count: here.count + count, bytes: here.bytes + bytes }
  }

  /** Answers of web servers and of other nodes that are stored. */
  get cache(): CacheControl {
    return {
      status: async () => (await this.#proxies.cache()).counts,
      clear: async () => (await this.#proxies.cache()).clear()
    }
  }

  get inject(): FastifyInstance['inject'] {
    return this.app.inject.bind(this.app)
  }

  /** @throws {PortTakenError | CannotListenError} with nothing left listening */
  async listen(): Promise<void> {
    const { bind, identity, logger, workers = 1 } = this.#options
    const options = {
      ...this.#options,
      bindings: bindingsFor(bind),
      server: this.#serverOptions(),
      events: this.events,
      tls: this.#tls,
      authority: identity.certificate
    }

    await this.app.ready()

    try {
      this.#doors = await (workers > 1 ? this.#shareWith(workers, options) : listenAlone(options))
    } catch (error) {
      await this.close()

      throw error
    }

    logger.info({ http: this.http, https: this.https }, 'listening')
    void this.agreements.start()
  }

  /** Ends listeners and idle connections at once, and the others within the `closeTimeout`. */
  async close(): Promise<void> {
    const doors = this.#doors

    this.#doors = undefined
    this.#streams.close()
    await doors?.close(this.#limits.closeTimeout)
    this.#outsiders.close()
    await Promise.all([this.#others.close(), this.#proxies.close(), (await this.#looking)?.close()])
    await this.handlers.close()
    await this.app.close()
  }

  /** Serves HTTP to another node on a connection that came over libp2p. */
  accept(stream: Duplex): void {
    const doors = this.#doors

    if (doors === undefined) {
      stream.destroy()
    } else {
      this.#streams.accept(stream, doors.server)
    }
  }

  /**
   * Publishes a folder as the node's own site, in place of what was published before.
   *
   * @throws where the folder cannot be read
   */
  async publish(root: string | undefined): Promise<void> {
    await this.#store.publish(root)
    await this.#doors?.publish(this.#store.root)
    this.events.tell('site', { root })
  }

  /** Files of the own site have changed: each is looked at again before it is answered from memory. */
  async refresh(): Promise<void> {
    this.#store.refresh()
    this.agreements.refresh()
    await this.#doors?.refresh()
  }

  /** Takes a new certificate for connections that come from now on. */
  async renew(tls: TlsPair): Promise<void> {
    this.#tls = tls
    await this.#doors?.renew(tls)
  }

  /**
   * A document of another node as a stream, found and checked in the same way as for a browser.
   *
   * @throws {NotFoundError | AmbiguousError | LookupTimeoutError | OfflineError} of discovery
   * @throws {UnreachableError | CertificateMismatchError | AnswerError | GatewayTimeoutError}
   */
  async fetch(
    address: NodeAddress,
    path: string,
    options: FetchOptions = {}
  ): Promise<UpstreamResponse> {
    return this.#others.fetch(address, path, options)
  }

  /**
   * Compares what every source has of a site with its signed tree, block by block; the report comes last.
   *
   * @throws {NoSiteRecordError}
   */
  verify(address: NodeAddress, options?: VerifyRequest): AsyncGenerator<VerifyEvent> {
    return this.#others.verify(address, options)
  }

  /**
   * Why each source of another node's site is asked, or is not, the best first.
   *
   * @throws {NoSiteRecordError}
   */
  async sourcesOf(address: NodeAddress): Promise<SourceChoice[]> {
    return this.#others.sourcesOf(address)
  }

  /** The newest record of another node's site that is to be had; undefined where there is none. */
  async newestSite(address: FullAddress): Promise<VerifiedSite | undefined> {
    return this.#others.newest(address)
  }

  /** Reads blocks of another node's site from whoever has them, past the cache of readers. */
  async readerOf(site: VerifiedSite): Promise<SiteReader | undefined> {
    return this.#others.reader(site)
  }

  /** Whether another node's site was read here. */
  async knowsSite(address: FullAddress): Promise<boolean> {
    return this.#others.knows(address)
  }

  /** Asks a mirror as readers and other programs do, and tells what came. */
  async lookAt(look: Look, signal?: AbortSignal): Promise<Observation> {
    this.#looking ??= import('./audit/looking/mirrors/service.ts').then(
      ({ MirrorLooking: Looking }) =>
        new Looking({
          getter: address => this.#others.getter(address),
          onLie: (mirror, lie) => this.#options.onLie?.(mirror, lie),
          limits: this.#limits,
          allowPrivate: () => this.#options.agreements?.allowPrivate() ?? false
        })
    )

    return (await this.#looking).lookAt(look, signal)
  }

  /** Takes the site record that news bring, where the site was read here before. */
  async hearOfSite(address: FullAddress, record: Uint8Array): Promise<void> {
    await this.#others.hear(address, record)
  }

  /** A node announces that it mirrors a site, or does so no longer; of use where that site is being read. */
  hearOfMirror(site: FullAddress, mirror: FullAddress, isWithdrawn: boolean): void {
    this.#others.hearOfMirror(site, mirror, isWithdrawn)
  }

  #createFront(): Front {
    const { publicGateway, logger } = this.#options
    const site = new SiteServer({
      ...this.#limits,
      store: this.#store,
      name: SERVER,
      siteFields: () => this.agreements.map
    })
    const front = createFront({
      rules: {
        hosts: this.#hosts,
        pseudonym: this.#pseudonym,
        publicGateway,
        forwardProxy: this.#proxies.isForward,
        ports: () => [this.httpPort, this.httpsPort],
        maxTargetLength: this.#limits.maxTargetLength
      },
      maxPipelined: this.#limits.maxPipelined,
      logger,
      events: this.events,
      name: SERVER,
      isLocal: request => this.#isLocal(request),
      isObserved: connection => !isRelayed(connection),
      serverFor: handler => createPlainServer({ handler, limits: this.#limits, name: SERVER }),
      // What a worker hands on it has counted.
      refuses: (request, response, verdict) =>
        !isRelayed(request.socket) && this.#outsiders.refuses(request, response, ownPath(verdict)),
      mustParse: connection => this.#outsiders.mustParse(connection),
      considerOffer: async field => this.agreements.consider(field),
      serveHot: (request, response, path) =>
        !this.handlers.concerns(path) && site.serveHot(request, response, path),
      serveProxied: (...asked) => this.#proxies.serve(...asked),
      fetchFromWeb: (...asked) => this.#proxies.fetch(...asked),
      answerHot: (request, isTls) => {
        if (this.#proxies.covers(request.fields.host, request.target)) {
          return this.#proxies.answerHot(request, isTls)
        }

        return this.handlers.concerns(request.target) ? undefined : site.answer(request)
      },
      answerHotOfOther: (...asked) => this.#others.answerHot(...asked),
      idleTimeout: this.#limits.idleTimeout,
      openName: nameOpener({ resolve: this.#options.resolveName, server: SERVER }),
      serveMirrored: (request, response, verdict) =>
        this.#mirrored.serve(request, response, verdict, () =>
          this.#others.forward(request, response, { ...verdict, kind: 'node', form: 'path' })
        ),
      forward: (request, response, verdict: NodeVerdict) =>
        this.#others.forward(request, response, verdict)
    })
    const { app } = front

    collectRoutes(app, this.#routes)

    void app.register(ownNames, {
      options: this.#options,
      site,
      root: () => this.#store.root,
      handlers: this.handlers,
      events: this.events,
      maxUploadSize: this.#limits.maxUploadSize,
      isLocal: request => this.#isLocal(request),
      refresh: async () => this.refresh()
    })

    return front
  }

  async #shareWith(workers: number, options: DoorsOptions): Promise<Doors> {
    const { identity, host, listing = false, publicGateway, proxies } = this.#options
    const { listenInWorkers } = await import('./workers/doors/service.ts')

    return listenInWorkers({
      ...options,
      workers,
      root: () => this.#store.root,
      handlers: () => this.handlers.paths,
      setup: {
        identity: { address: identity.address, certificate: identity.certificate },
        host,
        listing,
        publicGateway,
        outsiders: partOf({ ...OUTSIDER_LIMITS, ...this.#options.outsiderLimits }, workers),
        pseudonym: this.#pseudonym,
        proxy: [...(proxies?.rules ?? [])],
        forwardProxy: this.#proxies.isForward,
        routes: this.#routes,
        isGuarded: this.handlers.guardsAll
      }
    })
  }

  #serverOptions(): ServerOptions {
    return {
      handler: this.#front.handle,
      limits: this.#limits,
      name: SERVER,
      fastPath: this.#front.fastPath,
      onConnect: (request, ...asked) =>
        this.#proxies.connect(this.#isLocal(request), request, ...asked),
      onRefused: refusal => this.events.tell('parse-error', refusal)
    }
  }

  /** A connection to this node itself, for its own address. */
  #loop(): Duplex {
    const [near, far] = duplexPair()

    this.accept(far)

    return near
  }

  /** A program on this machine asks, for itself and not as a proxy for others. */
  #isLocal({ socket, headers }: IncomingMessage): boolean {
    return (
      isLoopback(socket.remoteAddress) &&
      headers['x-forwarded-for'] === undefined &&
      headers.forwarded === undefined &&
      !this.#streams.has(socket)
    )
  }
}
