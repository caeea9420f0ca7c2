import type { IncomingHttpHeaders } from 'node:http'
import {
  formatHttpsSeed,
  type JoinState,
  type Reachability,
  type Resolution
} from '../discovery/index.ts'
import type {
  JoinStatus,
  NodeCard,
  PeerStatus,
  PublishedSite,
  ResolutionJson,
  SeedCard
} from '../http-gateway/index.ts'
import {
  fingerprintOf,
  formatAddress,
  formatFingerprint,
  formatLabel,
  type Identity
} from '../identity/index.ts'
import type { Network } from './network.ts'

/** Who this node is, for its owner. */
export function nodeCard(identity: Identity): NodeCard {
  return {
    uuid: identity.uuid,
    address: formatAddress(identity.address),
    fingerprints: {
      sha1: formatFingerprint(identity.fingerprints.sha1),
      sha256: formatFingerprint(identity.fingerprints.sha256)
    },
    certificate: identity.certificatePem
  }
}

/** A resolution as JSON. */
export function resolutionJson({ record, ...resolution }: Resolution): ResolutionJson {
  return {
    uuid: record.uuid,
    address: formatAddress(record.address),
    fingerprint: formatFingerprint(fingerprintOf(record.certificate, 'sha256')),
    host: record.host,
    endpoints: record.endpoints,
    multiaddrs: record.multiaddrs,
    capabilities: record.capabilities,
    seq: record.seq,
    issued: record.issued,
    expires: record.expires,
    ...resolution
  }
}

/** Who is connected, and which node it is where that is known. */
export function peerStatuses({ overlay, discovery }: Network): PeerStatus[] {
  return overlay.peers().map(({ multiaddrs, ...peer }) => ({
    ...peer,
    addresses: multiaddrs,
    uuid: discovery.neighbour(peer.peerId)?.uuid
  }))
}

/** How another node joins through this one. */
export function seedCard(
  identity: Identity,
  { endpoints, multiaddrs }: Reachability,
  peers: readonly PeerStatus[]
): SeedCard {
  const urls = endpoints.map(origin => formatHttpsSeed(origin, identity.fingerprints.sha256))

  return {
    uuid: identity.uuid,
    fingerprint: formatFingerprint(identity.fingerprints.sha256),
    urls,
    multiaddrs,
    // Quoted: # begins a comment in some shells.
    command: `plexnet start --seed '${urls[0] ?? ''}'`,
    nodes: peers.filter(({ uuid }) => uuid != null).length
  }
}

/** Where a published folder is read. */
export function publishedSite(
  identity: Identity,
  root: string,
  httpPort: number,
  publicOrigins: readonly string[]
): PublishedSite {
  const label = formatLabel(identity.address)

  return {
    root,
    urls: {
      local: `http://localhost:${httpPort}/`,
      uuid: `http://${label}.localhost:${httpPort}/`,
      public: publicOrigins.map(origin => `${origin}/`)
    }
  }
}

/** How this node stands with its network; `state` is undefined until discovery runs. */
export function joinStatus(
  state: JoinState | undefined,
  peers: number,
  hasSeeds: boolean
): JoinStatus {
  const { joined = false, attempts = [] } = state ?? {}
  const seeds = attempts.map(({ via, outcome, detail }) => ({ seed: via, outcome, detail }))

  if (peers > 0) return { state: 'joined', seeds, peers }
  if (joined) return { state: 'offline', seeds, peers }

  return { state: hasSeeds ? 'joining' : 'alone', seeds, peers }
}

/** The header fields that are there. */
export function presentHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value == null ? [] : [[name, value]]))
  )
}
