import type { Duplex } from 'node:stream'
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls'
import { LRUCache } from 'lru-cache'
import type { FullAddress } from '../../identity/index.ts'
import { readCallerCertificate, type ProvenCaller } from './caller-certificate.ts'

// Certificates that were proved lately: a resumed session shows no authority beside its certificate (RFC 8446 section 4.6.1).
const MAX_PROVEN = 1000

const proven = new LRUCache<string, ProvenCaller>({ max: MAX_PROVEN })
const bySocket = new WeakMap<Duplex, ProvenCaller | 'nobody'>()
const relayed = new WeakMap<Duplex, FullAddress>()

/** The node that a client has proved to be, by its certificate on this connection; the handshake proved that it has the key. */
export function callerOn(socket: Duplex): FullAddress | undefined {
  if (!(socket instanceof TLSSocket)) {
    return relayed.get(socket)
  }

  const known = bySocket.get(socket) ?? prove(socket) ?? 'nobody'

  bySocket.set(socket, known)

  if (known === 'nobody') {
    return undefined
  }

  // A connection may stand longer than a certificate holds.
  const now = Date.now()

  return now >= known.notBefore && now < known.notAfter ? known.address : undefined
}

/** What a worker has seen of a client whose request came over this connection. */
export function rememberCaller(socket: Duplex, caller: FullAddress | undefined): void {
  if (caller === undefined) {
    relayed.delete(socket)
  } else {
    relayed.set(socket, caller)
  }
}

function prove(socket: TLSSocket): ProvenCaller | undefined {
  // Without one its fields are missing, whatever its type says.
  const { raw, issuerCertificate } = socket.getPeerCertificate(
    true
  ) as Partial<DetailedPeerCertificate>

  if (raw === undefined) {
    return undefined
  }

  const name = raw.toString('base64')
  const issuer = issuerCertificate?.raw
  const found = issuer === undefined ? proven.get(name) : readCallerCertificate(raw, issuer)

  if (found !== undefined) {
    proven.set(name, found)
  }

  return found
}
