import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'

// How long a client may pause in what it still sends after an answer with which its connection ends, in ms, …
const LINGER = 1000

// … and how long all of that may take.
const MAX_LINGER = 10_000

/** Sends the last bytes of a connection. Closing at once would reset it and could lose them on their way (RFC 9112 section 9.6). */
export function endWith(socket: Duplex, bytes: Buffer): void {
  socket.once(
    'close',
    whileSent(socket, () => socket.destroy())
  )
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

    const finish = whileSent(request, close)

    socket.end()
    request.once('close', () => {
      finish()
      close()
    })
  }
}

/** Calls `end` when a client has paused, or has taken all of its time; returns what prevents that. */
function whileSent(source: Readable, end: () => void): () => void {
  let isHeard = false
  const pause = setTimeout(() => {
    // Timers come before what has arrived meanwhile, where this process was too busy to look.
    isHeard = false
    setImmediate(() => {
      if (!isHeard) end()
    })
  }, LINGER)
  const whole = setTimeout(end, MAX_LINGER)

  source.on('data', () => {
    isHeard = true
    pause.refresh()
  })

  return () => {
    clearTimeout(pause)
    clearTimeout(whole)
  }
}
