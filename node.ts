/** The composition root: joins identity, discovery, overlay and gateway into one node. */
import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { networkInterfaces } from 'node:os'
import type { Configuration, Directories } from './config.ts'
import type { Discovery, Reachability, Resolution } from './discovery/index.ts'
import {
  createGateway,
  startControl,
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
  type ResolutionJson,
  type ResolveOptions,
  type SeedCard
} from './http-gateway/index.ts'
import {
  formatAddress,
  formatFingerprint,
  formatLabel,
  openIdentity,
  parseAddress,
  renewTls,
  unlockAuthority,
  type Authority,
  type Identity,
  type NodeAddress
} from './identity/index.ts'
import type { Logger } from './logger.ts'
import { joinStatus, nodeCard, publishedSite, resolutionJson, seedCard } from './node/cards.ts'
import {
  httpsUrl,
  reachabilityOf,
  reachableAddresses,
  type Surroundings
} from './node/reachability.ts'
import { startNetwork, type Network } from './node/network.ts'
import { readOwnerToken } from './node/owner-token.ts'
import { checkSiteFolder, rememberedSite, rememberSite } from './node/site-state.ts'
import { VERSION } from './version.ts'

export type { Configuration, Directories } from './config.ts'
export { loadConfiguration } from './config.ts'
export type {
  ControlledNode,
  NodeCard,
  NodeEvents,
  NodeStatus,
  PublishedSite,
  ReadyEvent,
  ResolutionJson
} from './http-gateway/index.ts'
export { createIdentity, openIdentity } from './identity/index.ts'
export { createLogger, type Logger } from './logger.ts'

type LookupOptions = NonNullable<Parameters<Discovery['resolve']>[1]>
type NodeFetchOptions = NonNullable<Parameters<ControlledNode['fetch']>[2]>

/** How often addresses and the TLS certificate are looked at again, in ms. */
const UPKEEP_INTERVAL = 60_000

export interface NodeOptions {
  readonly configuration: Configuration
  readonly directories: Directories
  readonly logger: Logger
  /** Without it the node starts locked: it serves and reads, but cannot sign a new record (DESIGN section 3). */
  readonly passphrase?: string | undefined
}

export interface PlexnetNode extends ControlledNode {
  readonly address: string
  /** Serves local HTTP and listens for peers when this resolves; joining goes on. */
  start(): Promise<ReadyEvent>
  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void
}

/**
 * A node over the identity in `directories.identity`, not yet started.
 *
 * @throws {IdentityMissingError} where there is no identity yet
 * @throws {KeyFileError} where its files are damaged
 * @throws {OwnerTokenError}
 */
export async function createNode(options: NodeOptions): Promise<PlexnetNode> {
  const { configuration, directories } = options
  const [identity, ownerToken] = await Promise.all([
    openIdentity(directories.identity),
    readOwnerToken(configuration.gateway.ownerTokenFile)
  ])

  return new Node(options, identity, ownerToken)
}

class Node implements PlexnetNode {
  readonly #options: NodeOptions
  readonly #identity: Identity
  readonly #gateway: Gateway
  readonly #events = new EventEmitter()
  readonly #networkUp = Promise.withResolvers<Network>()
  #control: ControlService | undefined
  #network: Network | undefined
  #upkeep: NodeJS.Timeout | undefined
  #authority: Authority | undefined
  #siteRoot: string | undefined
  #tlsExpires: number
  #announcedSeq = 0
  #startedAt = 0

  constructor(options: NodeOptions, identity: Identity, ownerToken: string | undefined) {
    this.#options = options
    this.#identity = identity
    this.#tlsExpires = identity.tls.notAfter
    // Whoever asks while the network comes up waits for it; nobody asking is no failure.
    this.#networkUp.promise.catch(() => undefined)
    this.#gateway = this.#createGateway(ownerToken)
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
      await this.#serveRememberedSite()
      await this.#gateway.listen()

      const unlocked = passphrase == null ? undefined : this.#openAuthority(passphrase)

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
      locked: this.#authority == null
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#upkeep)
    await this.#network?.stop()
    await this.#gateway.close()
    await this.#control?.close()
  }

  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void {
    this.#events.on(event, listener)
  }

  async unlock(passphrase: string): Promise<void> {
    const { discovery } = await this.#networkUp.promise

    await discovery.unlock(await this.#openAuthority(passphrase))
  }

  async publish(folder: string): Promise<PublishedSite> {
    const root = await checkSiteFolder(folder)

    await this.#gateway.publish(root)
    await rememberSite(this.#options.directories.data, root)
    this.#siteRoot = root

    const site = this.#site(root)

    this.#emit('published', { event: 'published', ...site })

    return site
  }

  async unpublish(): Promise<void> {
    await this.#gateway.publish(undefined)
    await rememberSite(this.#options.directories.data, undefined)
    this.#siteRoot = undefined
  }

  async resolve(address: string, options: ResolveOptions = {}): Promise<ResolutionJson> {
    const { fresh = false, signal } = options

    return resolutionJson(
      await this.#resolve(parseAddress(address), { fresh, ...(signal == null ? {} : { signal }) })
    )
  }

  async fetch(
    address: string,
    path: string,
    options: NodeFetchOptions = {}
  ): Promise<FetchedResource> {
    const { method = 'GET', headers = {}, signal } = options
    const resource = await this.#gateway.fetch(parseAddress(address), path, {
      method,
      headers,
      ...(signal == null ? {} : { signal })
    })

    return { ...resource, headers: presentHeaders(resource.headers) }
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
      site: this.#siteRoot == null ? undefined : this.#site(this.#siteRoot),
      record: record == null ? undefined : { seq: record.seq, expires: record.expires },
      tls: { expires: this.#tlsExpires },
      locked: this.#authority == null
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
      listing: gateway.listing,
      ownerToken,
      logger: logger.child({ component: 'plexnet:gateway' }),
      resolve: async (address, options) => this.#resolve(address, options),
      openStream: async (record, options) =>
        (await this.#networkUp.promise).overlay.openHttp(record, options),
      nodeRecord: () => this.#network?.discovery.ownRecord?.bytes,
      seedAnswer: () => this.#network?.discovery.seedAnswer()
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
      onHttp: socket => this.#gateway.accept(socket),
      onJoined: via => this.#joined(via),
      onAnnounced: stored => this.#announced(stored),
      onWarning: message => this.#warn('PLEXNET_DISCOVERY', message)
    })
    if (unlocked == null) this.#warnLocked()
    this.#networkUp.resolve(this.#network)
    this.#keepUp()
  }

  async #resolve(address: NodeAddress, options: LookupOptions): Promise<Resolution> {
    const { discovery } = this.#network ?? (await this.#networkUp.promise)

    return discovery.resolve(address, options)
  }

  async #openAuthority(passphrase: string): Promise<Authority> {
    const authority = await unlockAuthority(
      this.#options.directories.identity,
      this.#identity,
      passphrase
    )

    this.#authority = authority
    await this.#renewCertificate()

    return authority
  }

  async #renewCertificate(): Promise<void> {
    if (this.#authority == null) return

    const label = formatLabel(this.#identity.address)
    const { host } = this.#options.configuration.node
    const renewed = await renewTls(
      this.#options.directories.identity,
      this.#identity,
      this.#authority,
      {
        now: Date.now(),
        ips: ['127.0.0.1', '::1', ...reachableAddresses(this.#surroundings())],
        hosts: ['localhost', `${label}.localhost`, ...(host == null ? [] : [host])]
      }
    )

    if (renewed == null) return

    this.#gateway.renew(renewed)
    this.#tlsExpires = renewed.notAfter
    this.#emit('renewed', { event: 'renewed', what: 'certificate', expires: renewed.notAfter })
  }

  #keepUp(): void {
    this.#upkeep = setInterval(() => {
      const work = Promise.all([
        this.#renewCertificate(),
        this.#network?.discovery.reachabilityChanged()
      ])

      work.catch((error: unknown) => this.#warn('PLEXNET_UPKEEP', messageOf(error)))
    }, UPKEEP_INTERVAL).unref()
  }

  async #serveRememberedSite(): Promise<void> {
    const root = await rememberedSite(this.#options.directories.data)

    if (root == null) return

    try {
      await this.#gateway.publish(await checkSiteFolder(root))
      this.#siteRoot = root
    } catch (error) {
      this.#warn('PLEXNET_SITE_FOLDER', messageOf(error))
    }
  }

  #joined(via: string): void {
    this.#emit('joined', {
      event: 'joined',
      peers: this.#network?.overlay.routingTableSize() ?? 0,
      ...(this.#options.configuration.discovery.seeds.includes(via) ? { seed: via } : {}),
      milliseconds: Date.now() - this.#startedAt
    })
  }

  /** The same record is put again and again; that a newer one can be found is worth telling once. */
  #announced(stored: number): void {
    const record = this.#network?.discovery.ownRecord

    this.#options.logger.debug({ stored }, 'the record of this node is in the network')
    if (record == null || stored === 0 || record.seq === this.#announcedSeq) return

    this.#announcedSeq = record.seq
    this.#emit('renewed', { event: 'renewed', what: 'record', expires: record.expires })
  }

  #reachability(multiaddrs: readonly string[]): Reachability {
    return reachabilityOf(this.#surroundings(), this.#gateway.httpsPort, multiaddrs)
  }

  #surroundings(): Surroundings {
    const { gateway, node } = this.#options.configuration

    return { ...node, bind: gateway.bind, interfaces: networkInterfaces() }
  }

  #site(root: string): PublishedSite {
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

function presentHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value == null ? [] : [[name, value]]))
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
