import type { Gateway } from '../http-gateway/index.ts'
import {
  errorMessage,
  formatAddress,
  type FullAddress,
  type TlsMaterial
} from '../identity/index.ts'
import type { VerifiedSite } from '../overlay/content/index.ts'
import type { Announcement } from '../overlay/index.ts'
import type { NodeOptions } from './api.ts'
import type { Bulletin } from './bulletin.ts'
import type { Network } from './network.ts'

export interface HappeningsOptions {
  readonly node: NodeOptions
  readonly bulletin: Bulletin
  readonly gateway: Gateway
  /** Undefined until it runs. */
  readonly network: () => Network | undefined
  /** The record of this node, or its neighbours, changed: what hangs on them is to be told again. */
  readonly onStanding: () => void
  /** Somebody announces that a node has lied. */
  readonly onIncident: (payload: Uint8Array) => Promise<void>
  /** A node announces that it mirrors a site, or does so no longer. */
  readonly onMirror: (payload: Uint8Array) => Promise<void>
  /** News of a site were taken in. */
  readonly onSiteNews: (address: FullAddress) => void
  /** ms since the epoch */
  readonly startedAt: () => number
}

/** What a node does when something happens in one of its parts. */
export class Happenings {
  readonly #options: HappeningsOptions
  #announcedSeq = 0

  constructor(options: HappeningsOptions) {
    this.#options = options
  }

  /** The own site has a new version. */
  signed({ root, seq, expires, bytes }: VerifiedSite): void {
    const { gateway, bulletin, network } = this.#options

    void gateway.refresh()
    bulletin.emit('signed', { event: 'signed', cid: root.toString(), seq, expires })
    // Who cannot be told now finds the record in the DHT, or here.
    network()
      ?.overlay.announce('site', bytes)
      .catch(() => undefined)
  }

  /** News of another node came. */
  heard({ kind, origin, seq, payload }: Announcement, distance: number | undefined): void {
    const { gateway, bulletin, network, onIncident, onMirror, onSiteNews } = this.#options
    const use = {
      site: async () => gateway.hearOfSite(origin, payload).then(() => onSiteNews(origin)),
      trust: async () => network()?.trust.learn(payload),
      mirror: async () => onMirror(payload),
      incident: async () => onIncident(payload),
      name: async () => network()?.names.hear(payload)
    }

    // What is wrong with news was found before; that the disk is full is told elsewhere.
    use[kind]().catch(() => undefined)
    bulletin.emit('heard', { event: 'heard', kind, origin: formatAddress(origin), seq, distance })
  }

  /** There is a new TLS certificate. */
  renewed(tls: TlsMaterial): void {
    const { gateway, bulletin } = this.#options

    void gateway.renew(tls)
    bulletin.emit('renewed', { event: 'renewed', what: 'certificate', expires: tls.notAfter })
  }

  joined(via: string): void {
    const { node, gateway, bulletin, network, startedAt, onStanding } = this.#options
    const peers = network()?.overlay.routingTableSize() ?? 0
    const milliseconds = Date.now() - startedAt()

    gateway.events.tell('join', { peers, milliseconds })
    bulletin.emit('joined', {
      event: 'joined',
      peers,
      ...(node.configuration.discovery.seeds.includes(via) ? { seed: via } : {}),
      milliseconds
    })
    onStanding()
  }

  /** What of the folder is public has changed. */
  rulesChanged(folder: string): void {
    const { gateway, bulletin } = this.#options

    gateway.publish(folder).catch((error: unknown) => {
      bulletin.warn('PLEXNET_SITE_FOLDER', errorMessage(error))
    })
  }

  /** The same record is put again and again; that a newer one can be found is worth telling once. */
  announced(stored: number): void {
    const { node, bulletin, network, onStanding } = this.#options
    const record = network()?.discovery.ownRecord

    node.logger.debug({ stored }, 'the record of this node is in the network')
    if (record == null || stored === 0 || record.seq === this.#announcedSeq) return

    this.#announcedSeq = record.seq
    bulletin.emit('renewed', { event: 'renewed', what: 'record', expires: record.expires })
    onStanding()
  }
}
