import type { FastifyBaseLogger } from 'fastify'
import type { FullAddress, NodeUuid } from '../identity/index.ts'
import type { CID } from 'multiformats/cid'
import type { LookForOthers } from './audit/third/plugin.ts'
import type { AnswerSigner, SignedAnswer } from '../overlay/audit/index.ts'
import type { CacheOffer } from '../overlay/content/siblings/index.ts'
import type { OwnTree, VerifiedSite } from '../overlay/content/index.ts'
import type { PushReceiver } from './agreements/push-receiver.ts'
import type { AgreementSettings } from './agreements/settings.ts'
import type { GatewayLimits, GatewaySettings, HANDLER_LIMITS, OutsiderSettings } from './config.ts'
import type { KnowCaller } from './callers/caller.ts'
import type { TlsPair } from './listeners/secure-context.ts'
import type { ResolveName } from './names/server.ts'
import type { ProxySettings } from './proxy/service.ts'
import type { OpenStream, Resolve, UpstreamOptions } from './upstream/service.ts'
import type { Content } from './verified/content.ts'

/** The Server field; the version is that of the software, in step with package.json. */
export const SERVER = 'Plexnet/0.1 [Plexnet]'

export interface GatewayOptions extends GatewaySettings {
  /** Processes that share the ports; 1, or none given, is this one alone. */
  readonly workers?: number | undefined
  readonly identity: { readonly address: FullAddress; readonly certificate: Uint8Array }
  readonly tls: TlsPair
  /** `node.host`: a name by which the node is reached from outside. */
  readonly host?: string | undefined
  /** List the folders of the site that have no `index.html`; by default they are not found. */
  readonly listing?: boolean | undefined
  /** With it as a bearer token the owner changes the site by PUT and DELETE; without it, only with the owner's certificate. */
  readonly ownerToken?: string | undefined
  /** What is not given has its default. */
  readonly limits?: Partial<GatewayLimits>
  /** For clients that are neither on this machine nor trusted. */
  readonly outsiderLimits?: Partial<OutsiderSettings>
  readonly handlerLimits?: Partial<typeof HANDLER_LIMITS>
  readonly proxies?: ProxySettings | undefined
  readonly logger: FastifyBaseLogger
  readonly resolve: Resolve
  readonly openStream: OpenStream
  /** Which nodes are known by their certificates; without it none is. */
  readonly knowCaller?: KnowCaller | undefined
  readonly onRoundTrip?: UpstreamOptions['onRoundTrip']
  readonly nodeRecord: () => Uint8Array | undefined
  readonly seedAnswer: () => Uint8Array | undefined
  /** Whom a name means; without it there are no names. */
  readonly resolveName?: ResolveName
  /** The records under a UUID that the node knows. */
  readonly claims?: (uuid: NodeUuid) => Promise<Uint8Array | undefined>
  /** The names that the node publishes for others. */
  readonly nameDocument?: () => Uint8Array | undefined
  /** The names that another node publishes, as it signed them. */
  readonly namesOf?: (party: FullAddress) => Promise<Uint8Array | undefined>
  /** Whom the node says that it trusts. */
  readonly trustDocument?: () => Uint8Array | undefined
  /** The signed tree of what this node publishes, once it is built. */
  readonly ownTree?: (() => OwnTree | undefined) | undefined
  /** What sites of others are verified with; without it they come from their publishers on the word of the connection. */
  readonly content?: (() => Promise<Content>) | undefined
  /** By whom blocks and records are signed for those who ask for it. */
  readonly answerSigner?: (() => Promise<AnswerSigner>) | undefined
  /** Reads from mirrors for other nodes that audit them. */
  readonly lookForOthers?: LookForOthers | undefined
  /** A node signed an answer that shows it to lie. */
  readonly onLie?: ((node: FullAddress, answer: SignedAnswer) => void) | undefined
  /** How agreements with mirrors of the own site are made; without it there are none. */
  readonly agreements?: AgreementSettings | undefined
  /** A block of a site that this node mirrors. */
  readonly mirrored?: ((cid: CID) => Promise<Uint8Array | undefined>) | undefined
  /** The record of a site that this node has a whole copy of. */
  readonly mirroredSite?: ((address: FullAddress) => VerifiedSite | undefined) | undefined
  /** So many bytes of a site that is mirrored here have been sent to somebody. */
  readonly onMirroredSent?: ((address: FullAddress, bytes: number) => void) | undefined
  /** What this node says of itself as a mirror of a site, signed. */
  readonly mirrorRecord?: ((address: FullAddress) => Uint8Array | undefined) | undefined
  /** Takes what publishers push to this mirror of their sites. */
  readonly pushes?: PushReceiver | undefined
  /** Whether blocks of sites of others that were read here are given to anyone who asks by CID. */
  readonly cacheOffer?: CacheOffer | undefined
}
