import type { ServerResponse } from 'node:http'

/** The receiver went away before it had everything; nobody's fault. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
  readonly code = 'PLEXNET_CLIENT_GONE'

  constructor() {
    super('The client has gone.')
  }
}

/**
 * Sends pieces at the receiver’s speed; the end of the answer is the caller’s.
 *
 * @throws {ClientGoneError}
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>
): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) {
      throw new ClientGoneError()
    }

    if (!response.write(piece)) {
      await drained(response)
    }
  }
}

/**
 * Sends pieces that are there, and resolves when the receiver takes more.
 *
 * @throws {ClientGoneError}
 */
export async function sendTogether(
  response: ServerResponse,
  pieces: readonly Uint8Array[]
): Promise<void> {
  if (response.destroyed) {
    throw new ClientGoneError()
  }

  const areTaken = pieces.map(piece => response.write(piece))

  if (areTaken.at(-1) === false) {
    await drained(response)
  }
}

/** Breaks an answer off so that nobody takes it for whole. */
export function cut(response: ServerResponse): void {
  const { req, socket } = response

  // A client of HTTP/1.0 takes the end of the connection for the end of the document, unless it is reset.
  if (req.httpVersionMinor === 0 && socket !== null && 'resetAndDestroy' in socket) {
    socket.resetAndDestroy()
  } else {
    response.destroy()
  }
}

async function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new ClientGoneError())

    response.once('close', onClose)
    response.once('drain', () => {
      response.off('close', onClose)
      resolve()
    })
  })
}
