import { mkdir } from 'node:fs/promises'
import {
  startControl,
  type CacheControl,
  type ControlledNode,
  type ControlService,
  type EndJson,
  type FetchedResource,
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
import { errorMessage, formatAddress, formatFingerprint, type Identity } from '../identity/index.ts'
import type { NodeAudits } from './audits.ts'
import type { NodeOptions, PlexnetNode } from './api.ts'
import { nodeCard, peerStatuses, presentHeaders, resolutionJson, seedCard } from './cards.ts'
import { readSource } from './content.ts'
import { loadHandlers } from './handlers.ts'
import { reportsOf } from './reports.ts'
import { nodeStatus } from './status.ts'
import { observePings } from './locality.ts'
import type { NodeMirrors } from './mirroring.ts'
import type { NodeNames } from './names.ts'
import { tellEnd } from './last-records.ts'
import { Parts } from './parts.ts'
import type { NodeTrust } from './trust.ts'

type NodeFetchOptions = NonNullable<Parameters<ControlledNode['fetch']>[2]>

/** How often addresses and the TLS certificate are looked at again, in ms. */
const UPKEEP_INTERVAL = 60_000

/** A node, running: what the owner and programs ask of it. */
export class Node implements PlexnetNode {
  readonly #parts: Parts
  #control: ControlService | undefined
  #reports: Reports | undefined
  #upkeep: NodeJS.Timeout | undefined

  constructor(options: NodeOptions, identity: Identity, ownerToken: string | undefined) {
    this.#parts = new Parts(options, identity, ownerToken)
  }

  get trust(): NodeTrust {
    return this.#parts.trust
  }

  get names(): NodeNames {
    return this.#parts.names
  }

  get mirrors(): NodeMirrors {
    return this.#parts.mirrors
  }

  get audits(): NodeAudits {
    return this.#parts.audits
  }

  get address(): string {
    return formatAddress(this.#parts.identity.address)
  }

  async start(): Promise<ReadyEvent> {
    const { directories, logger, passphrase } = this.#parts.options

    this.#parts.startedAt = Date.now()

    try {
      await mkdir(directories.data, { recursive: true, mode: 0o700 })
      this.#control = await startControl(this, {
        socketPath: directories.controlSocket,
        logger: logger.child({ component: 'plexnet:control' })
      })
      this.#reports = await reportsOf(this.#parts.gateway, this.#parts.options, {
        startedAt: this.#parts.startedAt,
        peers: () => this.#parts.network?.overlay.routingTableSize() ?? 0,
        siblings: () => this.#parts.siblings.ledger.counts
      })
      await this.#parts.site.restore().catch((error: unknown) => {
        this.#parts.bulletin.warn('PLEXNET_SITE_FOLDER', errorMessage(error))
      })
      this.#parts.tree.restore(this.#parts.site)
      await loadHandlers(this.#parts.gateway, this.#parts.options)
      await this.#parts.gateway.listen()

      const unlocked = passphrase == null ? undefined : this.#parts.authority.unlock(passphrase)

      // A wrong passphrase is told when the network is up, not as an unhandled rejection before.
      unlocked?.catch(() => undefined)
      await this.#parts.startNetwork(unlocked)
      this.#keepUp()
    } catch (error) {
      this.#parts.networkUp.reject(error)
      await this.stop()
      throw error
    }

    return {
      event: 'ready',
      uuid: this.#parts.identity.uuid,
      fingerprint: formatFingerprint(this.#parts.identity.fingerprints.sha256),
      address: this.address,
      http: this.#parts.gateway.http,
      https: this.#parts.gateway.https,
      p2p: this.#parts.network?.overlay.multiaddrs ?? [],
      locked: this.#parts.authority.isLocked
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#upkeep)
    await Promise.all([
      this.#parts.tree.stop(),
      this.#parts.audits.stop(),
      this.#parts.mirrors.stop()
    ])
    await this.#parts.network?.stop()
    await this.#parts.gateway.close()
    await this.#parts.content.close()
    await this.#reports?.close()
    await this.#control?.close()
  }

  get handle(): PlexnetNode['handle'] {
    return this.#parts.gateway.handlers.handle.bind(this.#parts.gateway.handlers)
  }

  get register(): PlexnetNode['register'] {
    return this.#parts.gateway.handlers.register.bind(this.#parts.gateway.handlers)
  }

  async reopenLogs(): Promise<void> {
    await this.#reports?.reopenLogs()
  }

  get cache(): CacheControl {
    return this.#parts.gateway.cache
  }

  async metrics(): Promise<string> {
    return this.#reports?.metrics() ?? ''
  }

  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void {
    this.#parts.bulletin.on(event, listener)
  }

  async unlock(passphrase: string): Promise<void> {
    const { discovery } = await this.#parts.networkUp.promise

    await discovery.unlock(await this.#parts.authority.unlock(passphrase))
    this.#parts.successions.unlocked()
    this.#parts.tree.refresh()
  }

  async publish(folder: string): Promise<PublishedSite> {
    const site = this.#parts.places.describe(await this.#parts.site.publish(folder))

    this.#parts.bulletin.emit('published', { event: 'published', ...site })

    return site
  }

  async unpublish(): Promise<void> {
    await this.#parts.site.unpublish()
    await this.#parts.tree.withdraw()
  }

  async resolve(address: string, options: ResolveOptions = {}): Promise<ResolutionJson> {
    const { fresh = false, signal } = options

    return resolutionJson(
      await this.#parts.resolve(await this.#parts.names.addressOf(address), {
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
    const resource = await this.#parts.gateway.fetch(
      await this.#parts.names.addressOf(address),
      path,
      {
        method,
        headers,
        identify,
        ...(signal == null ? {} : { signal })
      }
    )

    return { ...resource, headers: presentHeaders(resource.headers) }
  }

  async *verify(address: string, options: VerifyOptions = {}): AsyncGenerator<VerifyEvent> {
    const sources = (options.sources ?? []).map(readSource)

    yield* this.#parts.gateway.verify(await this.#parts.names.addressOf(address), {
      sources,
      signal: options.signal
    })
  }

  async sources(address: string): Promise<readonly SourceChoice[]> {
    return this.#parts.gateway.sourcesOf(await this.#parts.names.addressOf(address))
  }

  async tellEnd(text: string): Promise<EndJson> {
    const { discovery } = await this.#parts.networkUp.promise

    return tellEnd(discovery, text)
  }

  async id(): Promise<NodeCard> {
    return nodeCard(this.#parts.identity)
  }

  async peers(): Promise<PeerStatus[]> {
    return peerStatuses(await this.#parts.networkUp.promise)
  }

  async seed(): Promise<SeedCard> {
    const network = await this.#parts.networkUp.promise

    return seedCard(
      this.#parts.identity,
      this.#parts.places.reachability(network.overlay.multiaddrs),
      peerStatuses(network)
    )
  }

  async config(): Promise<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#parts.options.configuration))
  }

  async status(): Promise<NodeStatus> {
    return nodeStatus({
      startedAt: this.#parts.startedAt,
      address: this.address,
      gateway: this.#parts.gateway,
      network: this.#parts.network,
      authority: this.#parts.authority,
      siblings: this.#parts.siblings,
      hasSeeds: this.#parts.options.configuration.discovery.seeds.length > 0,
      site:
        this.#parts.site.root == null
          ? undefined
          : { ...this.#parts.places.describe(this.#parts.site.root), tree: this.#parts.tree.status }
    })
  }

  #keepUp(): void {
    this.#upkeep = setInterval(() => {
      if (this.#parts.network != null) observePings(this.#parts.network)

      const work = Promise.all([
        this.#parts.authority.renew(),
        this.#parts.network?.discovery.reachabilityChanged()
      ])

      work.catch((error: unknown) =>
        this.#parts.bulletin.warn('PLEXNET_UPKEEP', errorMessage(error))
      )
    }, UPKEEP_INTERVAL).unref()
  }
}
