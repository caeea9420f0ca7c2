import type { Configuration } from '../config.ts'
import {
  CACHE_CAPABILITY,
  CacheOffer,
  SiblingLedger,
  type Sibling
} from '../overlay/content/siblings/index.ts'
import type { Network } from './network.ts'

/** The trust that a node is asked with where only trusted ones are. */
const TRUSTED = 1

/** What tells who is near. */
interface Neighbourhood {
  readonly overlay: Pick<Network['overlay'], 'peers'>
  readonly discovery: Pick<Network['discovery'], 'neighbour'>
  readonly locality: Pick<Network['locality'], 'distance'>
  readonly trust: Pick<Network['trust'], 'level'>
}

/** What this node gives others of what it has read, and whom it asks for the same. */
export class NodeSiblings {
  readonly offer: CacheOffer
  readonly ledger: SiblingLedger = new SiblingLedger()
  readonly #asked: Configuration['content']['askCaches']

  /** @param now the start, in ms since the epoch */
  constructor({ content }: Pick<Configuration, 'content'>, now: number) {
    const { shareCache, shareLifetime = Infinity, shareQuota = Infinity } = content

    this.offer = new CacheOffer({ until: shareCache ? now + shareLifetime : 0, quota: shareQuota })
    this.#asked = content.askCaches
  }

  /** What the record of this node says that it does for others. */
  capabilities(now: number): string[] {
    return this.offer.isOpen(now) ? [CACHE_CAPABILITY] : []
  }

  /** Connected nodes that may be asked for what they have read. */
  of({ overlay, discovery, locality, trust }: Neighbourhood): Sibling[] {
    if (this.#asked === 'none') return []

    return overlay.peers().flatMap(({ peerId }): Sibling[] => {
      const record = discovery.neighbour(peerId)

      if (record == null || !record.capabilities.includes(CACHE_CAPABILITY)) return []

      const { address } = record
      const distance = locality.distance(address)
      const mayBeAsked = this.#asked === 'all' || trust.level('mirror', address) >= TRUSTED

      return mayBeAsked && distance?.isMeasured === true
        ? [{ address, roundTrip: distance.roundTrip }]
        : []
    })
  }
}
