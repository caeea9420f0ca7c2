import type { Gateway, OfferedJson } from '../http-gateway/index.ts'
import type { Offering } from '../http-gateway/agreements/offering/service.ts'
import {
  formatAddress,
  parseFullAddress,
  type FullAddress,
  type Identity
} from '../identity/index.ts'
import { signMirrorRecord, type OfferOutcome } from '../overlay/agreements/index.ts'
import { ed25519Signer } from '../overlay/content/index.ts'
import type { Mirrors } from '../overlay/mirrors/index.ts'
import type { Network } from './network.ts'

export interface MirrorOffersOptions {
  readonly own: FullAddress
  readonly identity: Pick<Identity, 'libp2pKey'>
  readonly places: (site: FullAddress) => readonly string[]
  readonly gateway: Pick<Gateway, 'fetch'>
  readonly network: () => Promise<Network>
  readonly mirrors: Pick<Mirrors, 'list'>
  readonly onWarning: (message: string) => void
}

/** Where every publisher says what it thinks of an offer, and what costs it least to answer. */
const PUBLISHER_PATH = '/.well-known/plexnet/site'

/** The offers of this node to the publishers of what it mirrors, and what it has sent of their sites. */
export class MirrorOffers {
  readonly #offering: Offering
  readonly #served = new Map<string, number>()

  private constructor(
    options: MirrorOffersOptions,
    network: Network,
    OfferingClass: typeof Offering
  ) {
    const { own, identity, places, gateway, mirrors, onWarning } = options
    const sign = ed25519Signer(identity.libp2pKey.seed)

    this.#offering = new OfferingClass({
      own,
      places,
      onWarning,
      sites: () =>
        mirrors
          .list()
          .flatMap(({ address, version, bytes, quota }) =>
            version == null
              ? []
              : [{ address: parseFullAddress(address), root: version.cid, bytes, quota }]
          ),
      served: address => this.served(address),
      announce: word => void network.overlay.announce('mirror', word).catch(() => 0),
      sign: record => {
        const node = network.discovery.ownRecord?.bytes

        return node == null ? undefined : signMirrorRecord(record, node, sign)
      },
      ask: async (publisher, field, signal) => {
        const headers = { 'will-mirror': field }
        const answer = await gateway.fetch(publisher, PUBLISHER_PATH, {
          method: 'HEAD',
          headers,
          signal
        })

        answer.body.destroy()

        return answer.headers['will-mirror']?.toString()
      }
    })
  }

  static async create(options: MirrorOffersOptions): Promise<MirrorOffers> {
    const [{ Offering: OfferingClass }, network] = await Promise.all([
      import('../http-gateway/agreements/offering/service.ts'),
      options.network()
    ])

    return new MirrorOffers(options, network, OfferingClass)
  }

  start(): void {
    this.#offering.start()
  }

  async stop(): Promise<void> {
    await this.#offering.stop()
  }

  /** There is another version. */
  changed(): void {
    this.#offering.changed()
  }

  word(address: FullAddress): Uint8Array | undefined {
    return this.#offering.word(address)
  }

  async withdraw(address: FullAddress): Promise<void> {
    this.#served.delete(formatAddress(address))
    await this.#offering.withdraw(address)
  }

  sent(address: FullAddress, bytes: number): void {
    const name = formatAddress(address)

    this.#served.set(name, (this.#served.get(name) ?? 0) + bytes)
  }

  served(address: FullAddress): number {
    return this.#served.get(formatAddress(address)) ?? 0
  }

  standing(address: FullAddress): OfferedJson | undefined {
    const standing = this.#offering.standing(address)

    return standing && { ...describe(standing.outcome, standing.at), at: standing.at }
  }
}

function describe(
  outcome: OfferOutcome,
  at: number
): Pick<OfferedJson, 'state' | 'reason' | 'expires'> {
  switch (outcome.kind) {
    case 'accepted':
      return outcome.state === 'listed'
        ? { state: 'listed', expires: at + outcome.ttl }
        : { state: outcome.state === 'checking' ? 'checking' : 'offered' }
    case 'refused':
    case 'away':
      return { state: outcome.kind, reason: outcome.reason }
    case 'unanswered':
      break
  }

  return { state: 'unanswered' }
}
