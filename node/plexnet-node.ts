import { mkdir } from 'node:fs/promises'
import { type Discovery, type Resolution } from '../discovery/index.ts'
import {
  createGateway,
  startControl,
  type CacheControl,
  type ControlledNode,
  type ControlService,
  type EndJson,
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
  type SourceChoice,
  type VerifyEvent,
  type VerifyOptions
} from '../http-gateway/index.ts'
import {
  errorMessage,
  formatAddress,
  formatFingerprint,
  type Authority,
  type Identity,
  type NodeAddress
} from '../identity/index.ts'
import { agreementSettings, mirrorPolicy } from './agreements.ts'
import { NodeAudits } from './audits.ts'
import { AuthorityKeeper } from './authority-keeper.ts'
import type { NodeOptions, PlexnetNode } from './api.ts'
import { Bulletin } from './bulletin.ts'
import { nodeCard, peerStatuses, presentHeaders, resolutionJson, seedCard } from './cards.ts'
import { answerSigner } from './answer-signer.ts'
import { readSource, SiteContents } from './content.ts'
import { gatewaySettings } from './gateway-settings.ts'
import { Happenings } from './happenings.ts'
import { checkApart, loadHandlers } from './handlers.ts'
import type { Network } from './network.ts'
import { OwnSite } from './own-site.ts'
import { PublishedTree } from './published-tree.ts'
import { reportsOf } from './reports.ts'
import { nodeStatus } from './status.ts'
import { knownCaller } from './callers.ts'
import { observePings, standingOf } from './locality.ts'
import { takeMirrorNews } from './mirror-news.ts'
import { NodeMirrors } from './mirroring.ts'
import { NodeNames } from './names.ts'
import { Successions } from './succession.ts'
import { tellEnd } from './last-records.ts'
import { NodeSiblings } from './siblings.ts'
import { NodeTrust } from './trust.ts'
import { Places } from './places.ts'

type LookupOptions = NonNullable<Parameters<Discovery['resolve']>[1]>
type NodeFetchOptions = NonNullable<Parameters<ControlledNode['fetch']>[2]>

/** How often addresses and the TLS certificate are looked at again, in ms. */
const UPKEEP_INTERVAL = 60_000

const LOCKED =
  'No passphrase was given: this node serves and reads, but cannot sign a new record or certificate. Unlock it with: plexnet unlock'

/** The composition of the layers, running. */
export class Node implements PlexnetNode {
  readonly #options: NodeOptions
  readonly #identity: Identity
  readonly #places: Places
  readonly #gateway: Gateway
  readonly #authority: AuthorityKeeper
  readonly #site: OwnSite
  readonly #tree: PublishedTree
  readonly trust: NodeTrust
  readonly names: NodeNames
  readonly mirrors: NodeMirrors
  readonly audits: NodeAudits
  readonly #bulletin: Bulletin
  readonly #happenings: Happenings
  readonly #successions: Successions
  readonly #siblings: NodeSiblings
  readonly #networkUp = Promise.withResolvers<Network>()
  #control: ControlService | undefined
  #network: Network | undefined
  readonly #content: SiteContents
  #reports: Reports | undefined
  #upkeep: NodeJS.Timeout | undefined
  #startedAt = 0

  constructor(options: NodeOptions, identity: Identity, ownerToken: string | undefined) {
    this.#options = options
    this.#bulletin = new Bulletin(options.logger)
    this.#identity = identity
    // Whoever asks while the network comes up waits for it; nobody asking is no failure.
    this.#networkUp.promise.catch(() => undefined)
    this.#siblings = new NodeSiblings(options.configuration, Date.now())
    this.#gateway = this.#createGateway(ownerToken)
    this.#content = new SiteContents({
      directory: options.directories.cache,
      settings: options.configuration.content,
      around: content => ({
        ...this.audits.around(this.mirrors.around(content)),
        standingOf: address => standingOf(this.#network, address),
        siblings: {
          list: () => (this.#network == null ? [] : this.#siblings.of(this.#network)),
          ledger: this.#siblings.ledger
        }
      }),
      network: async () => this.#networkUp.promise,
      onWarning: message => this.#bulletin.warn('PLEXNET_CACHE', message)
    })
    this.#places = new Places(options.configuration, identity, () => this.#gateway)
    this.#happenings = new Happenings({
      node: options,
      bulletin: this.#bulletin,
      gateway: this.#gateway,
      network: () => this.#network,
      onStanding: () => this.#tree.refresh(),
      onIncident: async payload => this.audits.hear(payload),
      onMirror: async payload =>
        takeMirrorNews(payload, {
          own: identity.address,
          gateway: this.#gateway,
          audits: this.audits
        }),
      onSiteNews: address => this.mirrors.check(address),
      startedAt: () => this.#startedAt
    })
    this.#authority = new AuthorityKeeper({
      directory: options.directories.identity,
      identity,
      names: () => this.#places.certificateNames(),
      onRenewed: tls => this.#happenings.renewed(tls)
    })
    this.#successions = new Successions({
      trust: () => this.trust,
      onWarning: (code, message) => this.#bulletin.warn(code, message)
    })
    this.names = new NodeNames({
      keeper: async () => (await this.#networkUp.promise).names,
      resolve: async address => this.#resolve(address, {})
    })
    this.trust = new NodeTrust({
      own: identity.address,
      keeper: async () => (await this.#networkUp.promise).trust,
      authority: () => this.#authority.authority,
      addressOf: async text => this.names.addressOf(text),
      resolve: async address => this.#resolve(address, {}),
      pin: async (uuid, key) => (await this.#networkUp.promise).pin(uuid, key)
    })
    this.mirrors = new NodeMirrors({
      own: identity.address,
      identity,
      places: site => this.#places.mirrorPlaces(site),
      root: () => this.#tree.site?.root.toString(),
      auditOf: mirror => this.audits.standing(identity.address, mirror),
      policy: mirrorPolicy(options.configuration),
      data: options.directories.data,
      gateway: this.#gateway,
      network: async () => this.#networkUp.promise,
      interval: options.configuration.discovery.republishInterval,
      addressOf: async text => this.names.addressOf(text),
      pace: options.configuration.mirrors,
      onWarning: message => this.#bulletin.warn('PLEXNET_MIRROR', message)
    })
    this.audits = new NodeAudits({
      identity,
      directories: options.directories,
      settings: options.configuration.audits,
      gateway: this.#gateway,
      network: async () => this.#networkUp.promise,
      ownTree: () => this.#tree,
      mirrors: () => this.mirrors,
      onWarning: (code, message) => this.#bulletin.warn(code, message)
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
      onRules: folder => this.#happenings.rulesChanged(folder),
      onSigned: site => this.#happenings.signed(site),
      onAnnounced: ({ seq }, stored) =>
        this.#bulletin.emit('announced', { event: 'announced', seq, stored }),
      onWarning: message => this.#bulletin.warn('PLEXNET_SITE_TREE', message)
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
        peers: () => this.#network?.overlay.routingTableSize() ?? 0,
        siblings: () => this.#siblings.ledger.counts
      })
      await this.#site.restore().catch((error: unknown) => {
        this.#bulletin.warn('PLEXNET_SITE_FOLDER', errorMessage(error))
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
    await Promise.all([this.#tree.stop(), this.audits.stop(), this.mirrors.stop()])
    await this.#network?.stop()
    await this.#gateway.close()
    await this.#content.close()
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
    this.#bulletin.on(event, listener)
  }

  async unlock(passphrase: string): Promise<void> {
    const { discovery } = await this.#networkUp.promise

    await discovery.unlock(await this.#authority.unlock(passphrase))
    this.#successions.unlocked()
    this.#tree.refresh()
  }

  async publish(folder: string): Promise<PublishedSite> {
    const site = this.#places.describe(await this.#site.publish(folder))

    this.#bulletin.emit('published', { event: 'published', ...site })

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
    const { method = 'GET', headers = {}, signal, identify } = options
    const resource = await this.#gateway.fetch(await this.names.addressOf(address), path, {
      method,
      headers,
      identify,
      ...(signal == null ? {} : { signal })
    })

    return { ...resource, headers: presentHeaders(resource.headers) }
  }

  async *verify(address: string, options: VerifyOptions = {}): AsyncGenerator<VerifyEvent> {
    const sources = (options.sources ?? []).map(readSource)

    yield* this.#gateway.verify(await this.names.addressOf(address), {
      sources,
      signal: options.signal
    })
  }

  async sources(address: string): Promise<readonly SourceChoice[]> {
    return this.#gateway.sourcesOf(await this.names.addressOf(address))
  }

  async tellEnd(text: string): Promise<EndJson> {
    const { discovery } = await this.#networkUp.promise

    return tellEnd(discovery, text)
  }

  async id(): Promise<NodeCard> {
    return nodeCard(this.#identity)
  }

  async peers(): Promise<PeerStatus[]> {
    return peerStatuses(await this.#networkUp.promise)
  }

  async seed(): Promise<SeedCard> {
    const network = await this.#networkUp.promise

    return seedCard(
      this.#identity,
      this.#places.reachability(network.overlay.multiaddrs),
      peerStatuses(network)
    )
  }

  async config(): Promise<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#options.configuration))
  }

  async status(): Promise<NodeStatus> {
    return nodeStatus({
      startedAt: this.#startedAt,
      address: this.address,
      gateway: this.#gateway,
      network: this.#network,
      authority: this.#authority,
      siblings: this.#siblings,
      hasSeeds: this.#options.configuration.discovery.seeds.length > 0,
      site:
        this.#site.root == null
          ? undefined
          : { ...this.#places.describe(this.#site.root), tree: this.#tree.status }
    })
  }

  #createGateway(ownerToken: string | undefined): Gateway {
    return createGateway({
      ...gatewaySettings(this.#options, this.#identity),
      ownerToken,
      content: async () => this.#content.open(),
      cacheOffer: this.#siblings.offer,
      resolve: async (address, options) => this.#resolve(address, options),
      openStream: async (record, options) =>
        (await this.#networkUp.promise).overlay.openHttp(record, options),
      knowCaller: address => knownCaller(this.#network, address),
      onRoundTrip: (...measured) => this.#network?.locality.observe(...measured),
      nodeRecord: () => this.#network?.discovery.ownRecord?.bytes,
      seedAnswer: () => this.#network?.discovery.seedAnswer(),
      ownTree: () => this.#tree,
      answerSigner: async () => answerSigner(this.#identity),
      lookForOthers: async request => this.audits.lookForOthers(request),
      onLie: (node, answer) => this.audits.accuse(node, answer),
      mirrored: async cid => this.mirrors.block(cid),
      mirroredSite: address => this.mirrors.record(address),
      mirrorRecord: address => this.mirrors.word(address),
      pushes: {
        begin: async (...asked) => this.mirrors.begin(...asked),
        take: async (...asked) => this.mirrors.take(...asked)
      },
      onMirroredSent: (address, bytes) => this.mirrors.sent(address, bytes),
      agreements: agreementSettings(this.#options, {
        places: () => this.#places,
        network: () => this.#network
      }),
      resolveName: async (name, options) => this.names.find(name, options),
      claims: async uuid => this.#network?.discovery.claimsAnswer(uuid),
      nameDocument: () => this.#network?.names.document(),
      namesOf: async party => this.#network?.names.copyOf(party),
      trustDocument: () => this.#network?.trust.document()
    })
  }

  async #startNetwork(unlocked: Promise<Authority> | undefined): Promise<void> {
    const { configuration, directories } = this.#options

    // All that is not needed to answer on local HTTP is loaded when that listens.
    const [{ startNetwork }, { partyDocuments }] = await Promise.all([
      import('./network.ts'),
      import('./party-document.ts')
    ])

    this.#network = await startNetwork({
      configuration,
      identity: this.#identity,
      data: directories.data,
      unlocked,
      reachability: multiaddrs => this.#places.reachability(multiaddrs),
      capabilities: () => this.#siblings.capabilities(Date.now()),
      ...partyDocuments(this.#gateway),
      onNews: (news, distance) => this.#happenings.heard(news, distance),
      onHttp: socket => this.#gateway.accept(socket),
      onEnd: (...end) => this.#successions.heard(...end),
      onDispute: (...dispute) => this.#successions.disputed(...dispute),
      onJoined: via => this.#happenings.joined(via),
      onAnnounced: stored => this.#happenings.announced(stored),
      onWarning: message => this.#bulletin.warn('PLEXNET_DISCOVERY', message)
    })
    if (unlocked == null) this.#bulletin.warn('PLEXNET_LOCKED', LOCKED)
    this.#networkUp.resolve(this.#network)
    void this.mirrors.restore()
    this.audits.start()
    this.#keepUp()
  }

  async #resolve(address: NodeAddress, options: LookupOptions): Promise<Resolution> {
    const { discovery } = this.#network ?? (await this.#networkUp.promise)

    return discovery.resolve(address, options)
  }

  #keepUp(): void {
    this.#upkeep = setInterval(() => {
      if (this.#network != null) observePings(this.#network)

      const work = Promise.all([
        this.#authority.renew(),
        this.#network?.discovery.reachabilityChanged()
      ])

      work.catch((error: unknown) => this.#bulletin.warn('PLEXNET_UPKEEP', errorMessage(error)))
    }, UPKEEP_INTERVAL).unref()
  }
}
