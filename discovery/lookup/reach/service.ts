import { LRUCache } from 'lru-cache'
import { formatAddress, type NodeAddress } from '../../../identity/index.ts'
import { NotFoundError, OfflineError } from '../../errors.ts'
import type { RecordNetwork } from '../../network.ts'
import type { Search } from '../resolution.ts'

/** For how long an address that nobody knew is not asked for again, in ms. */
const UNKNOWN_FOR = 2000
const MAX_UNKNOWN = 1000

/** Whether it makes sense to ask the network for an address. */
export class Reach {
  readonly #network: RecordNetwork
  readonly #unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_FOR })

  constructor(network: RecordNetwork) {
    this.#network = network
  }

  /**
   * @throws {OfflineError} there is nobody to ask
   * @throws {NotFoundError} nobody knew it a moment ago
   */
  check(address: NodeAddress, { fresh, trail }: Search): void {
    const peers = this.#network.routingTableSize()

    if (peers === 0) {
      trail.failed('seed', 'not on the network: no peers')
      throw new OfflineError(address, trail.steps)
    }
    trail.ok('seed', `on the network with ${peers} ${peers === 1 ? 'peer' : 'peers'}`)

    if (!fresh && this.#unknown.has(formatAddress(address))) {
      trail.failed('dht', 'nobody knew it a moment ago')
      throw new NotFoundError(address, trail.steps)
    }
  }

  /** Nobody knows the address; that is remembered for a moment. */
  missed(address: NodeAddress, { trail }: Search): NotFoundError {
    this.#unknown.set(formatAddress(address), true)

    return new NotFoundError(address, trail.steps)
  }
}
