import { join } from 'node:path'
import type { Configuration, Directories } from '../config.ts'
import type { VerifiedRecord } from '../discovery/index.ts'
import type {
  AuditControl,
  AuditJson,
  AuditsJson,
  Gateway,
  SiteContent,
  ThirdAnswer
} from '../http-gateway/index.ts'
import { errorMessage, formatAddress, type FullAddress, type Identity } from '../identity/index.ts'
import type * as Auditing from '../overlay/audit/index.ts'
import type { OwnTree } from '../overlay/content/index.ts'
import { AnnouncedMirrors } from './announced-mirrors.ts'
import { auditJson, incidentJson, offerComparison, type OfferComparison } from './audit-cards.ts'
import type { NodeMirrors } from './mirroring.ts'
import type { Network } from './network.ts'
import { ThirdNodes } from './third-nodes.ts'

export interface NodeAuditsOptions {
  readonly identity: Identity
  readonly directories: Pick<Directories, 'state'>
  readonly settings: Configuration['audits']
  readonly gateway: Pick<Gateway, 'agreements' | 'fetch' | 'knowsSite' | 'lookAt'>
  /** Resolves when it is up. */
  readonly network: () => Promise<Network>
  readonly ownTree: () => OwnTree
  readonly mirrors: () => Pick<NodeMirrors, 'block' | 'held' | 'mirrorsOf' | 'record'>
  readonly onWarning: (code: string, message: string) => void
}

interface Parts {
  readonly audit: typeof Auditing
  readonly network: Network
  readonly incidents: Auditing.Incidents
  readonly ledger: Auditing.Ledger
  readonly auditor: Auditing.Auditor
  readonly lookingForOthers: Auditing.LookingForOthers
  readonly thirds: ThirdNodes
}

/** How often it is looked whether there is a site by now, in ms. */
const LOOK_EVERY = 60_000

/** How often mirrors are looked for at least, in ms: what joins is looked at within its first hour. */
const MAX_FIND_EVERY = 600_000

/** Audits of mirrors, what they brought to light, and what others brought to light. */
export class NodeAudits implements AuditControl {
  readonly #options: NodeAuditsOptions
  readonly #announced: AnnouncedMirrors
  #opening: Promise<Parts> | undefined
  #parts: Parts | undefined
  #waiting: NodeJS.Timeout | undefined

  constructor(options: NodeAuditsOptions) {
    this.#options = options
    this.#announced = new AnnouncedMirrors(options.mirrors)
  }

  /** Begins as soon as there is a site whose mirrors can be looked at: most nodes have none, and load nothing for it. */
  start(): void {
    const { gateway, settings } = this.#options
    const every = Math.min(LOOK_EVERY, settings.interval)

    gateway.agreements.checkBy(async (...asked) => this.checkOffer(...asked))

    this.#waiting = setInterval(() => void this.#begin(), every).unref()
    void this.#begin()
  }

  async stop(): Promise<void> {
    clearInterval(this.#waiting)

    const parts = await this.#opening?.catch(() => undefined)

    await parts?.auditor.stop()
  }

  async list(): Promise<AuditsJson> {
    const { ledger, incidents, audit } = await this.#open()

    return {
      mirrors: ledger.all().map(auditJson),
      incidents: incidents.all().map(incident => incidentJson(incident, audit.lieText))
    }
  }

  /** How a mirror of a site stands after its audits; undefined where it has had none. */
  standing(site: FullAddress, mirror: FullAddress): AuditJson | undefined {
    const entry = this.#parts?.ledger.of(formatAddress(site), formatAddress(mirror))

    return entry?.standing.last == null ? undefined : auditJson(entry)
  }

  /** How a node is read from, as far as it was shown to have lied. */
  regard(node: FullAddress): Auditing.Regard {
    const { audit, incidents, network } = this.#parts ?? {}

    if (audit == null || incidents == null || network == null) return 'usual'

    return audit.regardFor(network.trust.level('mirror', node), {
      hasLied: incidents.of(node, Date.now()) != null
    })
  }

  /** What the gateway reads with, and answers that show who lies beside it. */
  around(content: SiteContent): SiteContent {
    // Whoever reads is to know who lied in earlier runs.
    this.#open().catch(() => undefined)

    return {
      ...content,
      regard: node => this.regard(node),
      onLie: (node, answer) => this.accuse(node, answer)
    }
  }

  /** A node signed an answer that shows it to lie. */
  accuse(node: FullAddress, answer: Auditing.SignedAnswer): void {
    this.#accuse(node, answer).catch((error: unknown) => {
      // Whoever signs with another key than it says has proved nothing.
      this.#options.onWarning('PLEXNET_AUDIT', errorMessage(error))
    })
  }

  /** A node announces that it mirrors a site: it can be looked at for others, and is looked at where the site is one's own, or mirrored here. */
  hearOfMirror(site: FullAddress, mirror: FullAddress): void {
    this.#announced.note(site, mirror)
    this.#parts?.auditor.watch(site, mirror)
  }

  /** Somebody announced an incident. */
  async hear(payload: Uint8Array): Promise<void> {
    const { audit } = await this.#open()

    await this.#keep(audit.openIncident(payload, Date.now()))
  }

  /** A mirror that offers itself, as other nodes see it; undefined where none looks at it for this one. */
  async checkOffer(
    { node, prefix }: { readonly node: FullAddress; readonly prefix: string },
    tree: OwnTree,
    signal: AbortSignal
  ): Promise<OfferComparison | undefined> {
    const { audit, network, thirds } = await this.#open()
    const root = tree.site?.root

    // Who has a part of the site cannot be asked for any of it.
    if (root == null || prefix !== '/') return undefined

    const verdict = await audit.checkOffer(
      {
        recordOf: async mirror => recordOf(network, mirror),
        thirds: () => thirds.candidates(),
        lookThrough: async (third, asked, stop) => thirds.look(third, asked, stop),
        random: Math.random
      },
      {
        site: this.#options.identity.address,
        mirror: node,
        root,
        load: async cid => tree.block(cid)
      },
      signal
    )

    if (verdict?.incident != null) this.#tell(verdict.incident)

    return verdict && offerComparison(verdict)
  }

  /** Another node asks this one to look at a mirror. */
  async lookForOthers(request: Uint8Array): Promise<ThirdAnswer | undefined> {
    return this.#options.settings.forOthers
      ? (await this.#open()).lookingForOthers.look(request)
      : undefined
  }

  async #begin(): Promise<void> {
    if (!this.#hasSites()) return

    clearInterval(this.#waiting)
    try {
      const { auditor } = await this.#open()

      auditor.start()
    } catch (error) {
      this.#options.onWarning('PLEXNET_AUDIT', `Mirrors are not audited: ${errorMessage(error)}`)
    }
  }

  #hasSites(): boolean {
    const { ownTree, mirrors } = this.#options

    return ownTree().site != null || mirrors().held().length > 0
  }

  async #open(): Promise<Parts> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })

    return this.#opening
  }

  async #load(): Promise<Parts> {
    const { directories, gateway, identity } = this.#options
    const network = await this.#options.network()
    const audit = await import('../overlay/audit/index.ts')
    const incidents = new audit.Incidents(join(directories.state, 'incidents'))
    const ledger = new audit.Ledger(join(directories.state, 'audits.json'))

    await Promise.all([incidents.open(), ledger.open()])

    const thirds = new ThirdNodes({ identity, gateway, network, audit })
    const auditor = new audit.Auditor({
      ledger,
      sites: () => this.#sites(audit),
      mirrorsOf: async site => this.#mirrorsOf(site),
      recordOf: async mirror => recordOf(network, mirror),
      thirds: () => thirds.candidates(),
      look: async (asked, signal) => gateway.lookAt(asked, signal),
      lookThrough: async (third, asked, signal) => thirds.look(third, asked, signal),
      onAudit: found => this.#learn(found),
      random: Math.random,
      findEvery: Math.min(MAX_FIND_EVERY, this.#options.settings.interval),
      staleAfter: this.#options.settings.staleAfter
    })
    const lookingForOthers = new audit.LookingForOthers({
      own: identity.address,
      isKnown: async (auditing, site) => this.#isKnown(network, auditing, site),
      isMirrorOf: async (mirror, site) => this.#announced.has(mirror, site),
      look: async asked => gateway.lookAt(asked)
    })

    this.#parts = { audit, network, incidents, ledger, auditor, lookingForOthers, thirds }

    return this.#parts
  }

  #sites({ OTHERS_SELDOMER }: typeof Auditing): Auditing.AuditedSite[] {
    const { identity, ownTree, mirrors, settings } = this.#options
    const { site } = ownTree()
    const own = site && {
      address: identity.address,
      root: site.root,
      load: async (cid: Parameters<OwnTree['block']>[0]) => ownTree().block(cid),
      meanGap: settings.interval
    }
    const others = mirrors()
      .held()
      .map(({ address, root }) => ({
        address,
        root,
        load: async (cid: Parameters<OwnTree['block']>[0]) => mirrors().block(cid),
        meanGap: settings.interval * OTHERS_SELDOMER
      }))

    return own == null ? others : [own, ...others]
  }

  /** Those that announce themselves, and of the own site those with an agreement. */
  async #mirrorsOf(site: FullAddress): Promise<FullAddress[]> {
    const { gateway, identity } = this.#options
    const announced = await Array.fromAsync(this.#announced.of(site))
    const isOwn = formatAddress(site) === formatAddress(identity.address)
    const listed = isOwn ? gateway.agreements.listedMirrors.flatMap(({ node }) => node ?? []) : []

    return [...announced, ...listed]
  }

  #learn({ site, mirror, standing, before, incident }: Auditing.Audit): void {
    const name = formatAddress(mirror)

    if (incident != null) this.#tell(incident)
    if (standing.state !== 'dropped' || before.state === 'dropped') return

    const reason = standing.reason ?? 'audits'

    this.#options.onWarning('PLEXNET_MIRROR_DROPPED', `The mirror ${name} is dropped: ${reason}`)
    if (formatAddress(site) === formatAddress(this.#options.identity.address)) {
      void this.#options.gateway.agreements.drop(name, {
        reason,
        ...(incident && { incident: `${name} ${incident.signed}` })
      })
    }
  }

  #tell(incident: Auditing.Incident): void {
    this.#keep(incident, { isNew: true }).catch((error: unknown) => {
      this.#options.onWarning('PLEXNET_AUDIT', `An incident is not kept: ${errorMessage(error)}`)
    })
  }

  async #accuse(node: FullAddress, answer: Auditing.SignedAnswer): Promise<void> {
    const { audit, network } = await this.#open()
    const { bytes } = await recordOf(network, node)

    await this.#keep(audit.makeIncident(bytes, [answer], Date.now()), { isNew: true })
  }

  /** Nobody has to be believed: the proof was checked. */
  async #keep(incident: Auditing.Incident, { isNew = false } = {}): Promise<void> {
    const { audit, auditor, incidents, network } = await this.#open()
    const { liar, lie } = incident
    const isKnown = incidents.of(liar, Date.now()) != null

    if (!(await incidents.add(incident))) return

    await auditor.hear(incident, network.trust.level('mirror', liar))
    if (isKnown) return

    this.#options.onWarning(
      'PLEXNET_INCIDENT',
      `The node ${formatAddress(liar)} ${audit.lieText(lie)}; it is not read from, or last.`
    )
    if (isNew) await network.overlay.announce('incident', incident.bytes).catch(() => 0)
  }

  async #isKnown({ trust }: Network, auditing: FullAddress, site: FullAddress): Promise<boolean> {
    const { gateway, mirrors } = this.#options
    const isPublisher = formatAddress(auditing) === formatAddress(site)

    return (
      trust.distance(formatAddress(auditing)) != null ||
      mirrors().record(site) != null ||
      (isPublisher && (await gateway.knowsSite(site)))
    )
  }
}

async function recordOf({ discovery }: Network, address: FullAddress): Promise<VerifiedRecord> {
  return (await discovery.resolve(address)).record
}
