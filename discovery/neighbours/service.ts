import { RecordError } from '../errors.ts'
import type { PeerContact, RecordNetwork } from '../network.ts'
import { checkTimes, openNodeRecord } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import type { DiscoveryStore } from '../store.ts'

/** Neighbours whose records are kept: as many as there may be connections. */
const MAX_NEIGHBOURS = 1000

/** A neighbour that did not say who it is may have been busy, or without a record yet. */
const RETRIES = [2000, 10_000, 60_000, 300_000]

/** How long a new neighbour may take to tell who it is, in ms. */
const INTRODUCTION_TIMEOUT = 5000

export interface NeighboursOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  /** After these times one that did not say who it is is asked again, in ms. */
  readonly retries?: readonly number[]
}

/** The node records of the peers that are connected now: what a seed draws its sample from. */
export class Neighbours {
  readonly #options: NeighboursOptions
  readonly #records = new Map<string, VerifiedRecord>()
  /** Peers that are being asked: one at a time each, however often a peer announces itself. */
  readonly #asking = new Map<string, AbortController>()
  readonly #retries = new Map<string, NodeJS.Timeout>()

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
  async learn(peer: PeerContact, failures = 0): Promise<void> {
    const { peerId } = peer

    if (this.#asking.has(peerId)) return
    this.#forgetRetry(peerId)
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
      if (gone.signal.aborted) return
      this.#records.delete(peerId)
      this.#askAgain(peer, failures)
    } finally {
      if (this.#asking.get(peerId) === gone) this.#asking.delete(peerId)
    }
  }

  forget(peerId: string): void {
    this.#asking.get(peerId)?.abort()
    this.#asking.delete(peerId)
    this.#records.delete(peerId)
    this.#forgetRetry(peerId)
  }

  /** Until it tells who it is it counts as a stranger, whoever trusts it. */
  #askAgain(peer: PeerContact, failures: number): void {
    const pause = (this.#options.retries ?? RETRIES)[failures]

    if (pause == null) return

    this.#retries.set(
      peer.peerId,
      setTimeout(() => void this.learn(peer, failures + 1), pause).unref()
    )
  }

  #forgetRetry(peerId: string): void {
    clearTimeout(this.#retries.get(peerId))
    this.#retries.delete(peerId)
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
