import type { Discovery, Resolution } from '../discovery/index.ts'
import { createGateway, type Gateway } from '../http-gateway/index.ts'
import type { Authority, Identity, NodeAddress } from '../identity/index.ts'
import { agreementSettings, mirrorPolicy } from './agreements.ts'
import { NodeAudits } from './audits.ts'
import { AuthorityKeeper } from './authority-keeper.ts'
import type { NodeOptions } from './api.ts'
import { Bulletin } from './bulletin.ts'
import { answerSigner } from './answer-signer.ts'
import { SiteContents } from './content.ts'
import { gatewaySettings } from './gateway-settings.ts'
import { Happenings } from './happenings.ts'
import { checkApart } from './handlers.ts'
import type { Network } from './network.ts'
import { OwnSite } from './own-site.ts'
import { PublishedTree } from './published-tree.ts'
import { knownCaller } from './callers.ts'
import { standingOf } from './locality.ts'
import { takeMirrorNews } from './mirror-news.ts'
import { NodeMirrors } from './mirroring.ts'
import { NodeNames } from './names.ts'
import { Successions } from './succession.ts'
import { NodeSiblings } from './siblings.ts'
import { NodeTrust } from './trust.ts'
import { Places } from './places.ts'

type LookupOptions = NonNullable<Parameters<Discovery['resolve']>[1]>

const LOCKED =
  'No passphrase was given: this node serves and reads, but cannot sign a new record or certificate. Unlock it with: plexnet unlock'

/** The layers and what the node makes of them, put together; each part asks for others when it needs them. */
export class Parts {
  readonly options: NodeOptions
  readonly identity: Identity
  readonly places: Places
  readonly gateway: Gateway
  readonly authority: AuthorityKeeper
  readonly site: OwnSite
  readonly tree: PublishedTree
  readonly trust: NodeTrust
  readonly names: NodeNames
  readonly mirrors: NodeMirrors
  readonly audits: NodeAudits
  readonly bulletin: Bulletin
  readonly happenings: Happenings
  readonly successions: Successions
  readonly siblings: NodeSiblings
  readonly content: SiteContents
  readonly networkUp = Promise.withResolvers<Network>()
  network: Network | undefined
  /** ms since the epoch */
  startedAt = 0

  constructor(options: NodeOptions, identity: Identity, ownerToken: string | undefined) {
    this.options = options
    this.bulletin = new Bulletin(options.logger)
    this.identity = identity
    // Whoever asks while the network comes up waits for it; nobody asking is no failure.
    this.networkUp.promise.catch(() => undefined)
    this.siblings = new NodeSiblings(options.configuration, Date.now())
    this.gateway = this.#createGateway(ownerToken)
    this.content = new SiteContents({
      directory: options.directories.cache,
      settings: options.configuration.content,
      around: content => ({
        ...this.audits.around(this.mirrors.around(content)),
        standingOf: address => standingOf(this.network, address),
        siblings: {
          list: () => (this.network == null ? [] : this.siblings.of(this.network)),
          ledger: this.siblings.ledger
        }
      }),
      network: async () => this.networkUp.promise,
      onWarning: message => this.bulletin.warn('PLEXNET_CACHE', message)
    })
    this.places = new Places(options.configuration, identity, () => this.gateway)
    this.happenings = new Happenings({
      node: options,
      bulletin: this.bulletin,
      gateway: this.gateway,
      network: () => this.network,
      onStanding: () => this.tree.refresh(),
      onIncident: async payload => this.audits.hear(payload),
      onMirror: async payload =>
        takeMirrorNews(payload, {
          own: identity.address,
          gateway: this.gateway,
          audits: this.audits
        }),
      onSiteNews: address => this.mirrors.check(address),
      startedAt: () => this.startedAt
    })
    this.authority = new AuthorityKeeper({
      directory: options.directories.identity,
      identity,
      names: () => this.places.certificateNames(),
      onRenewed: tls => this.happenings.renewed(tls)
    })
    this.successions = new Successions({
      trust: () => this.trust,
      onWarning: (code, message) => this.bulletin.warn(code, message)
    })
    this.names = new NodeNames({
      keeper: async () => (await this.networkUp.promise).names,
      resolve: async address => this.resolve(address, {})
    })
    this.trust = new NodeTrust({
      own: identity.address,
      keeper: async () => (await this.networkUp.promise).trust,
      authority: () => this.authority.authority,
      addressOf: async text => this.names.addressOf(text),
      resolve: async address => this.resolve(address, {}),
      pin: async (uuid, key) => (await this.networkUp.promise).pin(uuid, key)
    })
    this.mirrors = new NodeMirrors({
      own: identity.address,
      identity,
      places: site => this.places.mirrorPlaces(site),
      root: () => this.tree.site?.root.toString(),
      auditOf: mirror => this.audits.standing(identity.address, mirror),
      policy: mirrorPolicy(options.configuration),
      data: options.directories.data,
      gateway: this.gateway,
      network: async () => this.networkUp.promise,
      interval: options.configuration.discovery.republishInterval,
      addressOf: async text => this.names.addressOf(text),
      pace: options.configuration.mirrors,
      onWarning: message => this.bulletin.warn('PLEXNET_MIRROR', message)
    })
    this.audits = new NodeAudits({
      identity,
      directories: options.directories,
      settings: options.configuration.audits,
      gateway: this.gateway,
      network: async () => this.networkUp.promise,
      ownTree: () => this.tree,
      mirrors: () => this.mirrors,
      onWarning: (code, message) => this.bulletin.warn(code, message)
    })
    this.site = new OwnSite({
      data: options.directories.data,
      serve: async root => {
        await this.gateway.publish(root)
        if (root != null) this.tree.follow(root)
      },
      check: async root => checkApart(root, options)
    })
    this.tree = new PublishedTree({
      identity,
      data: options.directories.data,
      configuration: options.configuration,
      network: async () => this.networkUp.promise,
      onRules: folder => this.happenings.rulesChanged(folder),
      onSigned: site => this.happenings.signed(site),
      onAnnounced: ({ seq }, stored) =>
        this.bulletin.emit('announced', { event: 'announced', seq, stored }),
      onWarning: message => this.bulletin.warn('PLEXNET_SITE_TREE', message)
    })
    this.gateway.events.listen('upload', ({ path }) => this.tree.touch(path))
  }

  /** All that is not needed to answer on local HTTP is loaded when that listens. */
  async startNetwork(unlocked: Promise<Authority> | undefined): Promise<void> {
    const { configuration, directories } = this.options

    const [{ startNetwork }, { partyDocuments }] = await Promise.all([
      import('./network.ts'),
      import('./party-document.ts')
    ])

    this.network = await startNetwork({
      configuration,
      identity: this.identity,
      data: directories.data,
      unlocked,
      reachability: multiaddrs => this.places.reachability(multiaddrs),
      capabilities: () => this.siblings.capabilities(Date.now()),
      ...partyDocuments(this.gateway),
      onNews: (news, distance) => this.happenings.heard(news, distance),
      onHttp: socket => this.gateway.accept(socket),
      onEnd: (...end) => this.successions.heard(...end),
      onDispute: (...dispute) => this.successions.disputed(...dispute),
      onJoined: via => this.happenings.joined(via),
      onAnnounced: stored => this.happenings.announced(stored),
      onWarning: message => this.bulletin.warn('PLEXNET_DISCOVERY', message)
    })
    if (unlocked == null) this.bulletin.warn('PLEXNET_LOCKED', LOCKED)
    this.networkUp.resolve(this.network)
    void this.mirrors.restore()
    this.audits.start()
  }

  async resolve(address: NodeAddress, options: LookupOptions): Promise<Resolution> {
    const { discovery } = this.network ?? (await this.networkUp.promise)

    return discovery.resolve(address, options)
  }

  #createGateway(ownerToken: string | undefined): Gateway {
    return createGateway({
      ...gatewaySettings(this.options, this.identity),
      ownerToken,
      content: async () => this.content.open(),
      cacheOffer: this.siblings.offer,
      resolve: async (address, options) => this.resolve(address, options),
      openStream: async (record, options) =>
        (await this.networkUp.promise).overlay.openHttp(record, options),
      knowCaller: address => knownCaller(this.network, address),
      onRoundTrip: (...measured) => this.network?.locality.observe(...measured),
      nodeRecord: () => this.network?.discovery.ownRecord?.bytes,
      seedAnswer: () => this.network?.discovery.seedAnswer(),
      ownTree: () => this.tree,
      answerSigner: async () => answerSigner(this.identity),
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
      agreements: agreementSettings(this.options, {
        places: () => this.places,
        network: () => this.network
      }),
      resolveName: async (name, options) => this.names.find(name, options),
      claims: async uuid => this.network?.discovery.claimsAnswer(uuid),
      nameDocument: () => this.network?.names.document(),
      namesOf: async party => this.network?.names.copyOf(party),
      trustDocument: () => this.network?.trust.document()
    })
  }
}
