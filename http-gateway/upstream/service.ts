import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Resolution, Step, VerifiedRecord } from '../../discovery/index.ts'
import { formatAddress, type NodeAddress } from '../../identity/index.ts'
import type { GatewayLimits } from '../config.ts'
import type { TlsPair } from '../listeners/secure-context.ts'
import type { Target } from '../hosts/host-table.ts'
import type { Finder, Found } from './exchange/service.ts'
import type { Peer } from './peer/service.ts'

export type Resolve = (
  address: NodeAddress,
  options: { signal?: AbortSignal; fresh?: boolean }
) => Promise<Resolution>

export type OpenStream = (
  record: VerifiedRecord,
  options: { signal?: AbortSignal }
) => Promise<Duplex>

export interface UpstreamOptions {
  readonly limits: GatewayLimits
  readonly logger: FastifyBaseLogger
  readonly resolve: Resolve
  readonly openStream: OpenStream
  /** What this node shows of itself to those that it asks; nothing where it is not given. */
  readonly ownTls?: (() => TlsPair) | undefined
  /** Hears the round trips to other nodes that handshakes show, in ms. */
  readonly onRoundTrip?: ((record: VerifiedRecord, roundTrip: number) => void) | undefined
}

interface Memory extends Found {
  readonly until: number
}

// A burst of requests for one site looks its node up once; ms.
const MEMORY = 1000
const REMEMBERED = 1024

/** The other nodes that documents are fetched from, with their connections. */
export class Upstream implements Finder {
  readonly #options: UpstreamOptions
  readonly #memory = new LRUCache<string, Memory>({ max: REMEMBERED })
  readonly #peers: LRUCache<string, Peer>

  constructor(options: UpstreamOptions) {
    this.#options = options
    this.#peers = new LRUCache({
      max: options.limits.maxNodes,
      dispose: peer => void peer.retire()
    })
  }

  recall({ label }: Target): Found | undefined {
    const memory = this.#memory.get(label)

    return memory !== undefined && !memory.peer.isRetired && performance.now() < memory.until
      ? memory
      : undefined
  }

  /** How the node was last found and reached; empty where it was not lately. */
  trailTo({ label }: Target): Step[] {
    const memory = this.#memory.get(label)

    return memory === undefined ? [] : [...memory.resolution.trail, ...memory.peer.steps]
  }

  async find(
    { address, label }: Target,
    { signal, fresh }: { signal: AbortSignal; fresh: boolean }
  ): Promise<Found> {
    // The HTTP client takes a fifth of a start to load, so it is loaded beside the first lookup.
    const [resolution, { Peer }] = await Promise.all([
      this.#options.resolve(address, { signal, fresh }),
      import('./peer/service.ts')
    ])
    const peer = this.#peerOf(resolution.record, Peer)

    this.#memory.set(label, { resolution, peer, until: performance.now() + MEMORY })

    return { resolution, peer }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#peers.values()].map(async peer => peer.close()))
  }

  #peerOf(record: VerifiedRecord, PeerClass: typeof Peer): Peer {
    const key = Buffer.from(record.keyHash).toString('latin1')
    const known = this.#peers.get(key)

    if (known !== undefined) {
      known.update(record)

      return known
    }

    const { limits, openStream, onRoundTrip, ownTls, logger } = this.#options
    const peer = new PeerClass(record, {
      limits,
      openStream,
      onRoundTrip,
      ownTls,
      onConnect: ({ address }, steps) =>
        logger.debug({ node: formatAddress(address), steps }, 'connected to a node')
    })

    this.#peers.set(key, peer)

    return peer
  }
}
