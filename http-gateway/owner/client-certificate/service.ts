import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/** The owner's, or that of somebody else; undefined where none was shown. */
export type ClientCertificate = 'owner' | 'other' | undefined

const relayed = new WeakMap<Duplex, ClientCertificate>()

/** Whose certificate the client has shown. Issuer and purpose were checked in the handshake. */
export function certificateOf(socket: Duplex): ClientCertificate {
  if (!(socket instanceof TLSSocket)) {
    return relayed.get(socket)
  }

  const { subject } = socket.getPeerCertificate() as Partial<
    ReturnType<TLSSocket['getPeerCertificate']>
  >

  if (subject === undefined) {
    return undefined
  }

  return socket.authorized && subject.OU === 'owner' ? 'owner' : 'other'
}

/** What a worker has seen of a client whose request came over this connection. */
export function rememberCertificate(socket: Duplex, certificate: ClientCertificate): void {
  relayed.set(socket, certificate)
}
