import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import {
  MAX_CLAIMS_ANSWER_BYTES,
  type Discovery,
  type Reachability,
  type Resolution
} from '../discovery/index.ts'
import {
  createGateway,
  startControl,
  type CacheControl,
  type ControlledNode,
  type ControlService,
  type FetchedResource,
  type Gateway,
  type NodeCard,
  type NodeEvents,
  type NodeStatus,
  type PeerStatus,
  type PublishedSite,
  type ReadyEvent,
  type Reports,
  type ResolutionJson,
  type ResolveOptions,
  type SeedCard,
  type SiteContent,
  type VerifyEvent,
  type VerifyOptions
} from '../http-gateway/index.ts'
import {
  errorMessage,
  formatAddress,
  formatFingerprint,
  parseAddress,
  type Authority,
  type Identity,
  type NodeAddress,
  type TlsMaterial
} from '../identity/index.ts'
import { MAX_NAMES_BYTES } from '../identity/names/index.ts'
import { MAX_TRUST_DOCUMENT_BYTES } from '../identity/trust/index.ts'
import type { VerifiedSite } from '../overlay/content/index.ts'
import type { Announcement } from '../overlay/index.ts'
import { VERSION } from '../version.ts'
import { AuthorityKeeper } from './authority-keeper.ts'
import type { NodeOptions, PlexnetNode } from './api.ts'
import {
  joinStatus,
  nodeCard,
  presentHeaders,
  publishedSite,
  resolutionJson,
  seedCard
} from './cards.ts'
import { openContent, readSource } from './content.ts'
import { checkApart, loadHandlers } from './handlers.ts'
import { startNetwork, type Network } from './network.ts'
import { OwnSite } from './own-site.ts'
import { PublishedTree } from './published-tree.ts'
import { reportsOf } from './reports.ts'
import { NodeNames } from './names.ts'
import { NodeTrust } from './trust.ts'
import { fetchDocument } from './party-document.ts'
import {
  certificateNames,
  httpsUrl,
  reachabilityOf,
  reachableAddresses,
  type Surroundings
} from './reachability.ts'

type LookupOptions = NonNullable<Parameters<Discovery['resolve']>[1]>
type NodeFetchOptions = NonNullable<Parameters<ControlledNode['fetch']>[2]>

/** How often addresses and the TLS certificate are looked at again, in ms. */
const UPKEEP_INTERVAL = 60_000

/** The composition of the layers, running. */
export class Node implements PlexnetNode {
  readonly #options: NodeOptions
  readonly #identity: Identity
  readonly #gateway: Gateway
  readonly #authority: AuthorityKeeper
  readonly #site: OwnSite
  readonly #tree: PublishedTree
  readonly trust: NodeTrust
  readonly names: NodeNames
  readonly #events = new EventEmitter()
  readonly #networkUp = Promise.withResolvers<Network>()
  #control: ControlService | undefined
  #network: Network | undefined
  #content: Promise<SiteContent> | undefined
  #reports: Reports | undefined
  #upkeep: NodeJS.Timeout | undefined
  #announcedSeq = 0
  #startedAt = 0

  constructor(options: NodeOptions, identity: Identity, ownerToken: string | undefined) {
    this.#options = options
    this.#identity = identity
    // Whoever asks while the network comes up waits for it; nobody asking is no failure.
    this.#networkUp.promise.catch(() => undefined)
    this.#gateway = this.#createGateway(ownerToken)
    this.#authority = new AuthorityKeeper({
      directory: options.directories.identity,
      identity,
      names: () => certificateNames(identity.address, this.#surroundings()),
      onRenewed: tls => this.#renewed(tls)
    })
    this.names = new NodeNames({
      keeper: async () => (await this.#networkUp.promise).names,
      resolve: async address => this.#resolve(address, {})
    })
    this.trust = new NodeTrust({
      keeper: async () => (await this.#networkUp.promise).trust,
      authority: () => this.#authority.authority,
      addressOf: async text => this.names.addressOf(text),
      resolve: async address => this.#resolve(address, {}),
      pin: async (uuid, key) => (await this.#networkUp.promise).pin(uuid, key)
    })
    this.#site = new OwnSite({
      data: options.directories.data,
      serve: async root => {
        await this.#gateway.publish(root)
        if (root != null) this.#tree.follow(root)
      },
      check: async root => checkApart(root, options)
    })
    this.#tree = new PublishedTree({
      identity,
      data: options.directories.data,
      configuration: options.configuration,
      network: async () => this.#networkUp.promise,
      onRules: folder => this.#serveAnew(folder),
      onSigned: site => this.#signed(site),
      onAnnounced: ({ seq }, stored) =>
        this.#emit('announced', { event: 'announced', seq, stored }),
      onWarning: message => this.#warn('PLEXNET_SITE_TREE', message)
    })
    this.#gateway.events.listen('upload', ({ path }) => this.#tree.touch(path))
  }

  get address(): string {
    return formatAddress(this.#identity.address)
  }

  async start(): Promise<ReadyEvent> {
    const { directories, logger, passphrase } = this.#options

    this.#startedAt = Date.now()

    try {
      await mkdir(directories.data, { recursive: true, mode: 0o700 })
      this.#control = await startControl(this, {
        socketPath: directories.controlSocket,
        logger: logger.child({ component: 'plexnet:control' })
      })
      this.#reports = await reportsOf(this.#gateway, this.#options, {
        startedAt: this.#startedAt,
        peers: () => this.#network?.overlay.routingTableSize() ?? 0
      })
      await this.#site.restore().catch((error: unknown) => {
        this.#warn('PLEXNET_SITE_FOLDER', errorMessage(error))
      })
      this.#tree.restore(this.#site)
      await loadHandlers(this.#gateway, this.#options)
      await this.#gateway.listen()

      const unlocked = passphrase == null ? undefined : this.#authority.unlock(passphrase)

      // A wrong passphrase is told when the network is up, not as an unhandled rejection before.
      unlocked?.catch(() => undefined)
      await this.#startNetwork(unlocked)
    } catch (error) {
      this.#networkUp.reject(error)
      await this.stop()
      throw error
    }

    return {
      event: 'ready',
      uuid: this.#identity.uuid,
      fingerprint: formatFingerprint(this.#identity.fingerprints.sha256),
      address: this.address,
      http: this.#gateway.http,
      https: this.#gateway.https,
      p2p: this.#network?.overlay.multiaddrs ?? [],
      locked: this.#authority.isLocked
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#upkeep)
    await this.#tree.stop()
    await this.#network?.stop()
    await this.#gateway.close()
    await this.#reports?.close()
    await this.#control?.close()
  }

  get handle(): PlexnetNode['handle'] {
    return this.#gateway.handlers.handle.bind(this.#gateway.handlers)
  }

  get register(): PlexnetNode['register'] {
    return this.#gateway.handlers.register.bind(this.#gateway.handlers)
  }

  async reopenLogs(): Promise<void> {
    await this.#reports?.reopenLogs()
  }

  get cache(): CacheControl {
    return this.#gateway.cache
  }

  async metrics(): Promise<string> {
    return this.#reports?.metrics() ?? ''
  }

  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void {
    this.#events.on(event, listener)
  }

  async unlock(passphrase: string): Promise<void> {
    const { discovery } = await this.#networkUp.promise

    await discovery.unlock(await this.#authority.unlock(passphrase))
    this.#tree.refresh()
  }

  async publish(folder: string): Promise<PublishedSite> {
    const site = this.#describe(await this.#site.publish(folder))

    this.#emit('published', { event: 'published', ...site })

    return site
  }

  async unpublish(): Promise<void> {
    await this.#site.unpublish()
    await this.#tree.withdraw()
  }

  async resolve(address: string, options: ResolveOptions = {}): Promise<ResolutionJson> {
    const { fresh = false, signal } = options

    return resolutionJson(
      await this.#resolve(await this.names.addressOf(address), {
        fresh,
        ...(signal == null ? {} : { signal })
      })
    )
  }

  async fetch(
    address: string,
    path: string,
    options: NodeFetchOptions = {}
  ): Promise<FetchedResource> {
    const { method = 'GET', headers = {}, signal } = options
    const resource = await this.#gateway.fetch(await this.names.addressOf(address), path, {
      method,
      headers,
      ...(signal == null ? {} : { signal })
    })

    return { ...resource, headers: presentHeaders(resource.headers) }
  }

  async *verify(address: string, options: VerifyOptions = {}): AsyncGenerator<VerifyEvent> {
    const sources = (options.sources ?? []).map(readSource)

    yield* this.#gateway.verify(parseAddress(address), { sources, signal: options.signal })
  }

  async id(): Promise<NodeCard> {
    return nodeCard(this.#identity)
  }

  async peers(): Promise<PeerStatus[]> {
    const { overlay, discovery } = await this.#networkUp.promise

    return overlay.peers().map(({ multiaddrs, ...peer }) => ({
      ...peer,
      addresses: multiaddrs,
      uuid: discovery.neighbour(peer.peerId)?.uuid
    }))
  }

  async seed(): Promise<SeedCard> {
    const { overlay } = await this.#networkUp.promise
    const { endpoints, multiaddrs } = this.#reachability(overlay.multiaddrs)

    return seedCard(
      this.#identity,
      endpoints,
      multiaddrs,
      (await this.peers()).filter(peer => peer.uuid != null).length
    )
  }

  async config(): Promise<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#options.configuration))
  }

  async status(): Promise<NodeStatus> {
    const record = this.#network?.discovery.ownRecord

    return {
      version: VERSION,
      pid: process.pid,
      uptime: Date.now() - this.#startedAt,
      address: this.address,
      http: this.#gateway.http,
      https: this.#gateway.https,
      p2p: this.#network?.overlay.multiaddrs ?? [],
      join: joinStatus(
        this.#network?.discovery.joinState,
        this.#network?.overlay.routingTableSize() ?? 0,
        this.#options.configuration.discovery.seeds.length > 0
      ),
      site:
        this.#site.root == null
          ? undefined
          : { ...this.#describe(this.#site.root), tree: this.#tree.status },
      record: record == null ? undefined : { seq: record.seq, expires: record.expires },
      tls: { expires: this.#authority.tlsExpires },
      locked: this.#authority.isLocked
    }
  }

  #createGateway(ownerToken: string | undefined): Gateway {
    const { configuration, logger } = this.#options
    const { gateway, node } = configuration

    return createGateway({
      identity: this.#identity,
      tls: this.#identity.tls,
      ...(node.host == null ? {} : { host: node.host }),
      bind: gateway.bind,
      httpPort: gateway.httpPort,
      httpsPort: gateway.httpsPort,
      publicGateway: gateway.public,
      workers: gateway.workers,
      listing: gateway.listing,
      ownerToken,
      limits: gateway,
      proxies: configuration.proxy,
      handlerLimits: configuration.handlers,
      logger: logger.child({ component: 'plexnet:gateway' }),
      content: async () => this.#siteContent(),
      shareCache: configuration.content.shareCache,
      resolve: async (address, options) => this.#resolve(address, options),
      openStream: async (record, options) =>
        (await this.#networkUp.promise).overlay.openHttp(record, options),
      nodeRecord: () => this.#network?.discovery.ownRecord?.bytes,
      seedAnswer: () => this.#network?.discovery.seedAnswer(),
      ownTree: () => this.#tree,
      resolveName: async (name, options) => this.names.find(name, options),
      claims: async uuid => this.#network?.discovery.claimsAnswer(uuid),
      nameDocument: () => this.#network?.names.document(),
      trustDocument: () => this.#network?.trust.document()
    })
  }

  async #startNetwork(unlocked: Promise<Authority> | undefined): Promise<void> {
    const { configuration, directories } = this.#options

    this.#network = await startNetwork({
      configuration,
      identity: this.#identity,
      data: directories.data,
      unlocked,
      reachability: multiaddrs => this.#reachability(multiaddrs),
      fetchTrust: async (party, options) =>
        this.#document(party, 'trust', MAX_TRUST_DOCUMENT_BYTES, options),
      fetchNames: async (party, options) =>
        this.#document(party, 'names', MAX_NAMES_BYTES, options),
      fetchClaims: async (party, uuid, options) =>
        this.#document(party, `claims/${uuid}`, MAX_CLAIMS_ANSWER_BYTES, options),
      onNews: (news, distance) => this.#heard(news, distance),
      onHttp: socket => this.#gateway.accept(socket),
      onJoined: via => this.#joined(via),
      onAnnounced: stored => this.#announced(stored),
      onWarning: message => this.#warn('PLEXNET_DISCOVERY', message)
    })
    if (unlocked == null) this.#warnLocked()
    this.#networkUp.resolve(this.#network)
    this.#keepUp()
  }

  async #siteContent(): Promise<SiteContent> {
    const { datastore, overlay: network } = await this.#networkUp.promise
    const settings = this.#options.configuration.content

    this.#content ??= openContent({
      directory: this.#options.directories.cache,
      settings,
      datastore,
      network,
      onWarning: message => this.#warn('PLEXNET_CACHE', message)
    })

    return this.#content
  }

  /** A public document of another node, as the connection proves that it is its own. */
  async #document(
    party: NodeAddress,
    name: string,
    maxBytes: number,
    { signal }: { readonly signal?: AbortSignal }
  ): Promise<Uint8Array> {
    const fetch = async (): ReturnType<Gateway['fetch']> =>
      this.#gateway.fetch(party, `/.well-known/plexnet/${name}`, signal == null ? {} : { signal })

    return fetchDocument(fetch, maxBytes)
  }

  async #resolve(address: NodeAddress, options: LookupOptions): Promise<Resolution> {
    const { discovery } = this.#network ?? (await this.#networkUp.promise)

    return discovery.resolve(address, options)
  }

  #signed({ root, seq, expires, bytes }: VerifiedSite): void {
    void this.#gateway.refresh()
    this.#emit('signed', { event: 'signed', cid: root.toString(), seq, expires })
    // Who cannot be told now finds the record in the DHT, or here.
    this.#network?.overlay.announce('site', bytes).catch(() => undefined)
  }

  #heard({ kind, origin, seq, payload }: Announcement, distance: number | undefined): void {
    const used =
      kind === 'site'
        ? this.#gateway.hearOfSite(origin, payload)
        : this.#network?.trust.learn(payload)

    // What is wrong with news was found before; that the disk is full is told elsewhere.
    Promise.resolve(used).catch(() => undefined)
    this.#emit('heard', { event: 'heard', kind, origin: formatAddress(origin), seq, distance })
  }

  #renewed(tls: TlsMaterial): void {
    void this.#gateway.renew(tls)
    this.#emit('renewed', { event: 'renewed', what: 'certificate', expires: tls.notAfter })
  }

  #keepUp(): void {
    this.#upkeep = setInterval(() => {
      const work = Promise.all([
        this.#authority.renew(),
        this.#network?.discovery.reachabilityChanged()
      ])

      work.catch((error: unknown) => this.#warn('PLEXNET_UPKEEP', errorMessage(error)))
    }, UPKEEP_INTERVAL).unref()
  }

  #joined(via: string): void {
    const peers = this.#network?.overlay.routingTableSize() ?? 0
    const milliseconds = Date.now() - this.#startedAt

    this.#gateway.events.tell('join', { peers, milliseconds })
    this.#emit('joined', {
      event: 'joined',
      peers,
      ...(this.#options.configuration.discovery.seeds.includes(via) ? { seed: via } : {}),
      milliseconds
    })
    this.#tree.refresh()
  }

  /** What of the folder is public has changed. */
  #serveAnew(folder: string): void {
    this.#gateway.publish(folder).catch((error: unknown) => {
      this.#warn('PLEXNET_SITE_FOLDER', errorMessage(error))
    })
  }

  /** The same record is put again and again; that a newer one can be found is worth telling once. */
  #announced(stored: number): void {
    const record = this.#network?.discovery.ownRecord

    this.#options.logger.debug({ stored }, 'the record of this node is in the network')
    if (record == null || stored === 0 || record.seq === this.#announcedSeq) return

    this.#announcedSeq = record.seq
    this.#emit('renewed', { event: 'renewed', what: 'record', expires: record.expires })
    this.#tree.refresh()
  }

  #reachability(multiaddrs: readonly string[]): Reachability {
    return reachabilityOf(this.#surroundings(), this.#gateway.httpsPort, multiaddrs)
  }

  #surroundings(): Surroundings {
    const { gateway, node } = this.#options.configuration

    return { ...node, bind: gateway.bind, interfaces: networkInterfaces() }
  }

  #describe(root: string): PublishedSite {
    const origins = reachableAddresses(this.#surroundings()).map(address =>
      httpsUrl(address, this.#gateway.httpsPort)
    )

    return publishedSite(this.#identity, root, this.#gateway.httpPort, origins)
  }

  #warnLocked(): void {
    this.#warn(
      'PLEXNET_LOCKED',
      'No passphrase was given: this node serves and reads, but cannot sign a new record or certificate. Unlock it with: plexnet unlock'
    )
  }

  #warn(code: string, message: string): void {
    this.#options.logger.warn({ code }, message)
    this.#emit('warning', { event: 'warning', code, message })
  }

  #emit<K extends keyof NodeEvents>(event: K, detail: NodeEvents[K]): void {
    this.#events.emit(event, detail)
  }
}
