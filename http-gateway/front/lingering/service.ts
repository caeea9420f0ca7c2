import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

// How long a client has to end what it sends after an answer with which its connection ends, in ms.
const LINGER = 1000

/** Sends the last bytes of a connection. Closing at once would reset it and could lose them on their way (RFC 9112 section 9.6). */
export function endWith(socket: Duplex, bytes: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), LINGER)

  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(bytes)
}

/** Reads over what is still to come of a request whose answer is made, so that its connection ends, if it does, without a reset. */
export function readOver(request: IncomingMessage): void {
  // A stream of libp2p, or of a test, has no reset.
  const socket: unknown = request.socket

  request.resume()

  if (!(socket instanceof Socket)) {
    return
  }

  const close = socket.destroySoon.bind(socket)

  // Node calls it after the last answer on a connection.
  socket.destroySoon = () => {
    if (request.complete) {
      close()

      return
    }

    const timer = setTimeout(close, LINGER)

    socket.end()
    request.once('close', () => {
      clearTimeout(timer)
      close()
    })
  }
}
