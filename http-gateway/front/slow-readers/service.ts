import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { SlowReaders } from './slow-readers.ts'

export interface ReadingLimits {
  /** ms */
  readonly idleTimeout: number
  /** Bytes a second. */
  readonly minSendRate: number
}

// How often connections are looked at, as a part of the time that they have.
const LOOKS_PER_TIMEOUT = 12

/** Ends the connections of clients that read so slowly that they can only mean to hold them. */
export function endSlowReaders(server: Server, { idleTimeout, minSendRate }: ReadingLimits): void {
  const connections = new Set<Socket>()
  const readers = new SlowReaders<Socket>(minSendRate, idleTimeout)
  const timer = setInterval(() => {
    const now = performance.now()

    for (const socket of connections) {
      if (socket.destroyed) {
        connections.delete(socket)
      } else if (readers.isTooSlow(socket, socket.writableLength > 0, sentBy(socket), now)) {
        socket.destroy()
      }
    }
  }, idleTimeout / LOOKS_PER_TIMEOUT).unref()

  // No listener for its end: ten thousand would cost more than a look at what has ended.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.add(socket)
  })
  server.once('close', () => clearInterval(timer))
}

/** Bytes that have left this process; `bytesWritten` counts those that wait, too. */
function sentBy(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle')
  const waiting: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : 0
  const handed: unknown = Reflect.get(socket, '_bytesDispatched')

  return Number(handed) - Number(waiting)
}
