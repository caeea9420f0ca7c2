import { RecordError } from '../errors.ts'
import type { PeerContact, RecordNetwork } from '../network.ts'
import { checkTimes, openNodeRecord } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import type { DiscoveryStore } from '../store.ts'

/** Neighbours whose records are kept: as many as there may be connections. */
const MAX_NEIGHBOURS = 1000

/** How long a new neighbour may take to tell who it is, in ms. */
const INTRODUCTION_TIMEOUT = 5000

export interface NeighboursOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
}

/** The node records of the peers that are connected now: what a seed draws its sample from. */
export class Neighbours {
  readonly #options: NeighboursOptions
  readonly #records = new Map<string, VerifiedRecord>()
  /** Peers that are being asked: one at a time each, however often a peer announces itself. */
  readonly #asking = new Map<string, AbortController>()

  constructor(options: NeighboursOptions) {
    this.#options = options
  }

  get(peerId: string): VerifiedRecord | undefined {
    return this.#records.get(peerId)
  }

  records(): VerifiedRecord[] {
    return [...this.#records.values()]
  }

  /** Asks a new neighbour who it is; one that does not say, or lies, stays a nameless peer. Never rejects. */
  async learn(peer: PeerContact): Promise<void> {
    const { peerId } = peer

    if (this.#asking.has(peerId)) return
    if (this.#asking.size + this.#records.size >= MAX_NEIGHBOURS) return

    const gone = new AbortController()

    this.#asking.set(peerId, gone)

    try {
      const record = await this.#introduce(peer, gone.signal)

      // A neighbour that left meanwhile would be kept for ever.
      if (gone.signal.aborted) return

      this.#records.set(peerId, record)
      await this.#options.store.remember({ record, learnt: Date.now() })
    } catch {
      if (!gone.signal.aborted) this.#records.delete(peerId)
    } finally {
      if (this.#asking.get(peerId) === gone) this.#asking.delete(peerId)
    }
  }

  forget(peerId: string): void {
    this.#asking.get(peerId)?.abort()
    this.#asking.delete(peerId)
    this.#records.delete(peerId)
  }

  async #introduce(peer: PeerContact, gone: AbortSignal): Promise<VerifiedRecord> {
    const { network } = this.#options
    const record = openNodeRecord(
      await network.askForRecord(peer, {
        signal: AbortSignal.any([gone, AbortSignal.timeout(INTRODUCTION_TIMEOUT)])
      })
    )

    checkTimes(record, Date.now())

    if (!network.belongsTo(record, peer.peerId)) {
      throw new RecordError('wrong-key', `The peer ${peer.peerId} gave the record of another node.`)
    }

    return record
  }
}
