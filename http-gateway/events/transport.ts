import type { Duplex } from 'node:stream'
import type { Transport } from './messages.ts'

/** Who is at the other end of a connection. */
export function clientOf(socket: Duplex): { transport: Transport; remoteAddress: string } {
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
