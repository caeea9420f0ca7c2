import type { Gateway, NodeStatus } from '../http-gateway/index.ts'
import { VERSION } from '../version.ts'
import type { AuthorityKeeper } from './authority-keeper.ts'
import { joinStatus } from './cards.ts'
import type { Network } from './network.ts'
import type { NodeSiblings } from './siblings.ts'

interface Parts {
  /** ms since the epoch */
  readonly startedAt: number
  readonly address: string
  readonly gateway: Gateway
  /** Undefined until it runs. */
  readonly network: Network | undefined
  readonly authority: AuthorityKeeper
  readonly hasSeeds: boolean
  readonly siblings: NodeSiblings
  readonly site: NodeStatus['site']
}

/** How a node is just now, for its owner. */
export function nodeStatus(parts: Parts): NodeStatus {
  const { gateway, network, authority } = parts
  const record = network?.discovery.ownRecord

  return {
    version: VERSION,
    pid: process.pid,
    uptime: Date.now() - parts.startedAt,
    address: parts.address,
    http: gateway.http,
    https: gateway.https,
    p2p: network?.overlay.multiaddrs ?? [],
    join: joinStatus(
      network?.discovery.joinState,
      network?.overlay.routingTableSize() ?? 0,
      parts.hasSeeds
    ),
    site: parts.site,
    record: record == null ? undefined : { seq: record.seq, expires: record.expires },
    tls: { expires: authority.tlsExpires },
    locked: authority.isLocked,
    caches: cachesStatus(parts.siblings)
  }
}

function cachesStatus({ offer, ledger }: NodeSiblings): NonNullable<NodeStatus['caches']> {
  const isOffered = offer.isOpen(Date.now())

  return {
    ...ledger.counts,
    offer: isOffered
      ? { until: Number.isFinite(offer.until) ? offer.until : undefined, sent: offer.sent }
      : undefined
  }
}
