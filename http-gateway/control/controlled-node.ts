import type { Readable } from 'node:stream'
import type { SourceChoice } from '../../overlay/content/fetch/index.ts'
import type { SiblingCounts } from '../../overlay/content/siblings/index.ts'
import type { VerifyEvent } from '../verified/verifying/report.ts'
import type { AuditControl } from './audits/audit-control.ts'
import type { CacheControl } from './cache/cache-control.ts'
import type { MirrorControl } from './mirrors/mirror-control.ts'
import type { NameControl } from './names/name-control.ts'
import type { TrustControl } from './trust/trust-control.ts'

/** What the command line can ask of a running node. Times are milliseconds since the epoch, durations milliseconds. */
export interface ControlledNode {
  status(): Promise<NodeStatus>
  id(): Promise<NodeCard>
  peers(): Promise<PeerStatus[]>
  seed(): Promise<SeedCard>
  /** What the node runs with; passphrases are no part of it. */
  config(): Promise<Record<string, unknown>>
  /** In the text format of Prometheus. */
  metrics(): Promise<string>
  publish(folder: string): Promise<PublishedSite>
  unpublish(): Promise<void>
  resolve(address: string, options?: ResolveOptions): Promise<ResolutionJson>
  fetch(address: string, path: string, options?: FetchOptions): Promise<FetchedResource>
  /** Compares every source of a site with its signed tree; the report comes last. */
  verify(address: string, options?: VerifyOptions): AsyncIterable<VerifyEvent>
  /** Why each source of a site is asked, or is not, the best first. */
  sources(address: string): Promise<readonly SourceChoice[]>
  /** Tells the network of the printed last record of a key: a revocation, or a succession by this node. */
  tellEnd(text: string): Promise<EndJson>
  unlock(passphrase: string): Promise<void>
  readonly cache: CacheControl
  readonly audits: AuditControl
  readonly trust: TrustControl
  readonly names: NameControl
  readonly mirrors: MirrorControl
  stop(): Promise<void>
}

export interface EndJson {
  /** Whose key ended. */
  readonly address: string
  /** Undefined where the key was revoked. */
  readonly successor?: string | undefined
}

export interface ResolveOptions {
  /** Ask the network even where the answer is known. */
  readonly fresh?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface VerifyOptions {
  /** `web+https://…` and `gateway+https://…` that are asked besides those of the configuration. */
  readonly sources?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface FetchOptions {
  /** Show this node's certificate, so that a service of the other knows who asks. */
  readonly identify?: boolean | undefined
  readonly method?: 'GET' | 'HEAD' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

export interface FetchedResource {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Fails where the transfer is cut short. */
  readonly body: Readable
  readonly trail?: readonly TrailStep[] | undefined
}

/** One step of finding a node and fetching from it. */
export interface TrailStep {
  readonly step: string
  readonly outcome: 'ok' | 'failed' | 'skipped'
  readonly detail: string
  readonly milliseconds?: number | undefined
}

export interface NodeStatus {
  readonly version: string
  readonly pid: number
  readonly uptime: number
  /** '<uuid>.<fp>'. */
  readonly address: string
  readonly http: readonly string[]
  readonly https: readonly string[]
  readonly p2p: readonly string[]
  readonly join: JoinStatus
  readonly site?: PublishedSite | undefined
  readonly record?: { readonly seq: number; readonly expires: number } | undefined
  readonly tls: { readonly expires: number }
  /** The authority key is locked until a passphrase is given: records and certificates are not renewed. */
  readonly locked: boolean
  readonly caches?: CachesStatus | undefined
}

/** What asking nodes nearby for what they have read brought since the start, and what is offered to them. */
export interface CachesStatus extends SiblingCounts {
  /** Undefined where what is read here is not offered. */
  readonly offer?: { readonly until?: number | undefined; readonly sent: number } | undefined
}

export interface JoinStatus {
  /** 'alone' has no seed and has found nobody. */
  readonly state: 'alone' | 'joining' | 'joined' | 'offline'
  readonly seeds: readonly SeedAttempt[]
  readonly peers: number
}

export interface SeedAttempt {
  readonly seed: string
  readonly outcome: 'trying' | 'ok' | 'failed'
  readonly detail?: string | undefined
}

export interface NodeCard {
  readonly uuid: string
  readonly address: string
  /** As printed: 'SHA256: A5CA 58AF …'. */
  readonly fingerprints: { readonly sha1: string; readonly sha256: string }
  readonly certificate: string
}

export interface PeerStatus {
  readonly peerId: string
  readonly uuid?: string | undefined
  readonly addresses: readonly string[]
  readonly direction: 'inbound' | 'outbound'
  readonly latency?: number | undefined
}

/** How another node joins the network through this one. */
export interface SeedCard {
  readonly uuid: string
  readonly fingerprint: string
  /** 'https://203.0.113.7:9010#SHA256:…', the address most likely to be reached first. */
  readonly urls: readonly string[]
  readonly multiaddrs: readonly string[]
  /** What a person types on the other node. */
  readonly command: string
  /** What a newcomer is told of: the nodes in the answer, this one not counted. */
  readonly nodes: number
}

export interface PublishedSite {
  /** The folder. */
  readonly root: string
  readonly urls: SiteUrls
  /** The signed tree of the folder; undefined until it is begun. */
  readonly tree?: TreeStatus | undefined
}

/** How the tree of the own site stands; times are ms since the epoch. */
export interface TreeStatus {
  readonly state: 'reading' | 'current' | 'failing'
  readonly failure?: string | undefined
  /** Hashed since the node was started. */
  readonly read: { readonly files: number; readonly bytes: number }
  /** The root; undefined until the folder has been read once. */
  readonly cid?: string | undefined
  readonly files?: number | undefined
  readonly bytes?: number | undefined
  /** Undefined where nothing has changed since the node was started. */
  readonly changed?: number | undefined
  readonly leftOut: {
    readonly count: number
    readonly some: readonly { readonly path: string; readonly reason: string }[]
  }
  /** What others are told; undefined while nothing could be signed. */
  readonly signed?: SignedStatus | undefined
}

export interface SignedStatus {
  readonly cid: string
  readonly seq: number
  readonly issued: number
  readonly expires: number
  /** When it was last put into the network, and how many nodes took it. */
  readonly put?: { readonly at: number; readonly stored: number } | undefined
}

export interface SiteUrls {
  /** At this machine. */
  readonly local: string
  /** At the gateway of any node, shown with this one's. */
  readonly uuid: string
  /** From outside, by ordinary browsers. */
  readonly public: readonly string[]
}

/** Who a node is, where, and how that is known. */
export interface ResolutionJson {
  readonly uuid: string
  readonly address: string
  /** SHA-256 of the certificate, as printed. */
  readonly fingerprint: string
  readonly host?: string | undefined
  readonly endpoints: readonly string[]
  readonly multiaddrs: readonly string[]
  readonly capabilities: readonly string[]
  readonly seq: number
  readonly issued: number
  readonly expires: number
  readonly source: 'self' | 'memory' | 'disk' | 'dht' | 'peer'
  readonly assurance: 'self' | 'self-certifying' | 'pinned' | 'vouched' | 'only-claim'
  /** Why the trust map vouches for the key: paths of addresses from this node to that one. */
  readonly vouch?:
    | {
        readonly level: number
        readonly isOwn: boolean
        readonly paths: readonly (readonly string[])[]
      }
    | undefined
  readonly learnt: number
  readonly stale: boolean
  readonly trail: readonly TrailStep[]
}

/** Printed as one line of JSON when local HTTP is served and libp2p listens. */
export interface ReadyEvent {
  readonly event: 'ready'
  readonly uuid: string
  /** As printed: 'SHA256: A5CA 58AF …'. */
  readonly fingerprint: string
  readonly address: string
  readonly http: readonly string[]
  readonly https: readonly string[]
  readonly p2p: readonly string[]
  readonly locked: boolean
}

export interface JoinedEvent {
  readonly event: 'joined'
  readonly peers: number
  /** The seed that answered; absent where remembered peers or the local network did. */
  readonly seed?: string | undefined
  /** Since the node was started. */
  readonly milliseconds: number
}

export interface PublishedEvent extends PublishedSite {
  readonly event: 'published'
}

export interface RenewedEvent {
  readonly event: 'renewed'
  readonly what: 'record' | 'certificate'
  readonly expires: number
}

/** What the site is now has been signed, for readers and mirrors. */
export interface SignedEvent {
  readonly event: 'signed'
  /** The root of its tree. */
  readonly cid: string
  readonly seq: number
  readonly expires: number
}

/** The record of the site is in the network, where readers find it without this node. */
export interface AnnouncedEvent {
  readonly event: 'announced'
  readonly seq: number
  /** Nodes that took it. */
  readonly stored: number
}

/** Something that the owner may want to do something about; the node goes on. */
export interface WarningEvent {
  readonly event: 'warning'
  readonly code: string
  readonly message: string
}

/** News of another node came, and were believed. */
export interface HeardEvent {
  readonly event: 'heard'
  readonly kind: 'site' | 'trust' | 'incident' | 'mirror' | 'name'
  /** '<uuid>.<fp>' of who says so. */
  readonly origin: string
  readonly seq: number
  /** Steps of trust to it; undefined for a stranger. */
  readonly distance: number | undefined
}

/** What a node tells of while it runs, by event name. */
export interface NodeEvents {
  readonly joined: JoinedEvent
  readonly published: PublishedEvent
  readonly renewed: RenewedEvent
  readonly signed: SignedEvent
  readonly announced: AnnouncedEvent
  readonly heard: HeardEvent
  readonly warning: WarningEvent
}

export type NodeEvent = NodeEvents[keyof NodeEvents]
