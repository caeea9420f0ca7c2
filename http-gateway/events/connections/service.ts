import type { Duplex } from 'node:stream'
import type { WebServer } from '../../front/server.ts'
import type { Events } from '../service.ts'
import { clientOf } from '../transport.ts'

/** Tells of the connections of a server. */
export function observeConnections(server: WebServer, events: Events, isTls: boolean): void {
  server.on('connection', (socket: Duplex) => {
    if (!events.wants('connection') && !events.wants('disconnection')) {
      return
    }

    const { transport, remoteAddress } = clientOf(socket)
    const client = { transport: isTls ? ('tls' as const) : transport, remoteAddress }
    const begun = performance.now()

    events.tell('connection', client)
    socket.once('close', () => {
      events.tell('disconnection', { ...client, milliseconds: performance.now() - begun })
    })
  })
}
