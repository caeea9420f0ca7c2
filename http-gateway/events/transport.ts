import type { Duplex } from 'node:stream'
import type { Transport } from './messages.ts'

interface Client {
  readonly transport: Transport
  readonly remoteAddress: string
}

const known = new WeakMap<Duplex, Client>()

/** Who is at the other end of a connection, also after it has ended where it was asked before. */
export function clientOf(socket: Duplex): Client {
  const client = known.get(socket) ?? lookAt(socket)

  known.set(socket, client)

  return client
}

function lookAt(socket: Duplex): Client {
  const remoteAddress: unknown = Reflect.get(socket, 'remoteAddress')

  if ('encrypted' in socket) {
    return { transport: 'tls', remoteAddress: textOf(remoteAddress) }
  }

  // A stream that has no address of its own came over libp2p.
  return remoteAddress === undefined || remoteAddress === ''
    ? { transport: 'libp2p', remoteAddress: '' }
    : { transport: 'plain', remoteAddress: textOf(remoteAddress) }
}

/** IPv4 through a socket for both families is written as IPv4. */
function textOf(address: unknown): string {
  return typeof address === 'string' ? address.replace(/^::ffff:(?=\d+\.)/, '') : ''
}
