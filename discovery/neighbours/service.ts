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

  constructor(options: NeighboursOptions) {
    this.#options = options
  }

  get(peerId: string): VerifiedRecord | undefined {
    return this.#records.get(peerId)
  }

  records(): VerifiedRecord[] {
    return [...this.#records.values()]
  }

  /** Asks a new neighbour who it is; one that does not say, or lies, stays a nameless peer. */
  async learn(peer: PeerContact): Promise<void> {
    if (this.#records.size >= MAX_NEIGHBOURS) return

    try {
      const record = openNodeRecord(
        await this.#options.network.askForRecord(peer, {
          signal: AbortSignal.timeout(INTRODUCTION_TIMEOUT)
        })
      )
      const learnt = Date.now()

      checkTimes(record, learnt)
      if (!this.#options.network.belongsTo(record, peer.peerId)) return

      this.#records.set(peer.peerId, record)
      await this.#options.store.remember({ record, learnt })
    } catch {
      this.#records.delete(peer.peerId)
    }
  }

  forget(peerId: string): void {
    this.#records.delete(peerId)
  }
}
