import { createHash } from 'node:crypto'
import {
  gossipsub,
  StrictNoSign,
  TopicValidatorResult,
  type GossipSub,
  type GossipSubComponents,
  type Message
} from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import {
  encodeAnnouncement,
  MAX_ANNOUNCEMENT_BYTES,
  openAnnouncement,
  type Announcement,
  type AnnouncementKind
} from './announcement.ts'
import { FloodWatch } from './flood-watch.ts'
import { Router, type Routing } from './router.ts'

export const ANNOUNCEMENT_TOPIC = '/plexnet/announce/1'

/** What a peer may say in one message beside the announcements: there is one topic. */
const RPC_LIMITS = {
  maxSubscriptions: 8,
  maxMessages: 64,
  maxIhaveMessageIDs: 500,
  maxIwantMessageIDs: 500,
  maxIdontwantMessageIDs: 500,
  maxControlMessages: 64,
  maxPeerInfos: 16
}

/** Peers behind one address before they count as one: a household, a campus. */
const COLOCATED = 10

/** Score of a peer whom this node itself trusts; it falls with the steps of trust. */
const TRUSTED_SCORE = 20

export interface AnnouncementsOptions {
  /** The node behind a connected peer, once it is known. */
  readonly partyOf: (peerId: string) => string | undefined
  /** Steps of trust to a node; undefined for a stranger. */
  readonly distanceTo: (party: string) => number | undefined
  /** News that were believed; `distance` is undefined for those of a stranger. */
  readonly onNews: (news: Announcement, distance: number | undefined) => void
}

export interface AnnouncementsEvents {
  /** A stranger sends so much that it is better not connected. */
  readonly onFlood?: (peerId: string) => void
}

/** Gossipsub as libp2p starts it. Trust decides whom it prefers; nothing in it is signed twice. */
export function announcing(
  options: AnnouncementsOptions
): (components: GossipSubComponents) => GossipSub {
  const distanceToPeer = (peer: string): number | undefined => {
    const party = options.partyOf(peer)

    return party == null ? undefined : options.distanceTo(party)
  }

  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ data }) => idOf(data),
    msgIdToStrFn: nameOf,
    allowedTopics: [ANNOUNCEMENT_TOPIC],
    floodPublish: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    maxInboundDataLength: MAX_ANNOUNCEMENT_BYTES,
    decodeRpcLimits: RPC_LIMITS,
    scoreParams: {
      appSpecificWeight: 1,
      appSpecificScore: peer => {
        const distance = distanceToPeer(peer)

        return distance == null ? 0 : TRUSTED_SCORE / Math.max(distance, 1)
      },
      IPColocationFactorThreshold: COLOCATED,
      IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
      topics: {
        // The library's defaults let invalid messages be made up for, and graylist honest peers that have no news.
        [ANNOUNCEMENT_TOPIC]: {
          topicWeight: 1,
          timeInMeshWeight: 0.01,
          timeInMeshQuantum: 1000,
          timeInMeshCap: 300,
          firstMessageDeliveriesWeight: 0.5,
          firstMessageDeliveriesDecay: 0.9,
          firstMessageDeliveriesCap: 20,
          meshMessageDeliveriesWeight: 0,
          meshMessageDeliveriesDecay: 0.9,
          meshMessageDeliveriesCap: 100,
          meshMessageDeliveriesThreshold: 20,
          meshMessageDeliveriesWindow: 10,
          meshMessageDeliveriesActivation: 5000,
          meshFailurePenaltyWeight: 0,
          meshFailurePenaltyDecay: 0.9,
          invalidMessageDeliveriesWeight: -20,
          invalidMessageDeliveriesDecay: 0.9
        }
      }
    }
  })
}

function idOf(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest()
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString('base64')
}

const RESULTS: Record<Routing['kind'], TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
}

/** News among nodes (A28): routed by trust, used by whoever asked for them. */
export class Announcements {
  readonly #options: AnnouncementsOptions
  readonly #pubsub: GossipSub
  readonly #router: Router
  readonly #floods = new FloodWatch()
  readonly #onFlood: (peerId: string) => void
  readonly #counts = { accept: 0, ignore: 0, reject: 0 }

  constructor(
    pubsub: GossipSub,
    options: AnnouncementsOptions,
    { onFlood = () => undefined }: AnnouncementsEvents = {}
  ) {
    this.#options = options
    this.#onFlood = onFlood
    this.#pubsub = pubsub
    this.#router = new Router({ distanceTo: options.distanceTo })
  }

  /** What became of what peers sent, so far. */
  get counts(): Readonly<Record<Routing['kind'], number>> {
    return this.#counts
  }

  start(): void {
    this.#pubsub.topicValidators.set(ANNOUNCEMENT_TOPIC, (peer, message) =>
      this.#validate(peer, message)
    )
    this.#pubsub.subscribe(ANNOUNCEMENT_TOPIC)
  }

  /**
   * Tells the network; the payload proves itself.
   *
   * @throws {InvalidAnnouncementError}
   */
  async publish(kind: AnnouncementKind, payload: Uint8Array): Promise<number> {
    const bytes = encodeAnnouncement(kind, payload)

    this.#router.published(openAnnouncement(bytes, Date.now()))

    const { recipients } = await this.#pubsub.publish(ANNOUNCEMENT_TOPIC, bytes)

    return recipients.length
  }

  /** Friends who call this node a friend: news go to them whatever the mesh looks like. */
  setFriends(peerIds: readonly string[]): void {
    const direct = directPeersOf(this.#pubsub)

    direct.clear()
    for (const peerId of peerIds) direct.add(peerId)
  }

  #validate(peerId: PeerId, { data }: Message): TopicValidatorResult {
    const peer = peerId.toString()
    const party = this.#options.partyOf(peer)
    const isTrusted = party != null && this.#options.distanceTo(party) != null
    const now = Date.now()
    const routing = this.#router.route(data, { peer, isTrusted }, now)

    this.#counts[routing.kind]++
    if (routing.kind === 'accept') this.#options.onNews(routing.news, routing.distance)
    else if (!isTrusted) this.#watch(peer, routing, now)
    // Or a stranger who is the first with somebody's news could keep them from coming by other ways.
    if (routing.kind === 'ignore' && routing.reason === 'sender') forgetSeen(this.#pubsub, data)

    return RESULTS[routing.kind]
  }

  #watch(peer: string, routing: Exclude<Routing, { kind: 'accept' }>, now: number): void {
    if (routing.kind === 'ignore' && routing.reason !== 'sender') return

    const kind = routing.kind === 'reject' ? 'rubbish' : 'excess'

    if (this.#floods.isFlood(peer, kind, now)) this.#onFlood(peer)
  }
}

/** Those of gossipsub's own that are sent to always; its interface does not show them. */
function directPeersOf(pubsub: GossipSub): Set<unknown> {
  if ('direct' in pubsub && pubsub.direct instanceof Set) return pubsub.direct

  throw new TypeError('This version of gossipsub has no direct peers.')
}

/** Gossipsub takes a message that was ignored for one it has seen; its interface does not let it be told otherwise. */
function forgetSeen(pubsub: GossipSub, data: Uint8Array): void {
  const cache: unknown = 'seenCache' in pubsub ? pubsub.seenCache : undefined

  if (typeof cache === 'object' && cache != null && 'entries' in cache) {
    if (cache.entries instanceof Map) {
      cache.entries.delete(nameOf(idOf(data)))

      return
    }
  }

  throw new TypeError('This version of gossipsub does not tell what it has seen.')
}
