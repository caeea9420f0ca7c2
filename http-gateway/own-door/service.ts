import { request as newRequest, type IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import type { WebServer } from '../front/server.ts'

/** A request to this node's own gateway. */
export interface OwnRequest {
  /** The Host field. */
  readonly host: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

const LOCAL = '127.0.0.1'

/** A connection to a server of this process, which takes it for one of a program on this machine; a dead one where nothing listens. */
export function connectLocally(server: WebServer | undefined): Duplex {
  const [near, far] = duplexPair()

  if (server === undefined) {
    return near.destroy(new Error('The gateway does not listen.'))
  }

  server.emit('connection', Object.assign(far, { remoteAddress: LOCAL }))

  return near
}

/** The answer that a browser on this machine would get. */
export async function askOwnDoor(
  connect: () => Duplex,
  { host, method, path, headers, signal }: OwnRequest
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    newRequest(
      {
        createConnection: connect,
        method,
        path,
        headers: { ...headers, host },
        ...(signal === undefined ? {} : { signal })
      },
      resolve
    )
      .once('error', reject)
      .end()
  })
}
