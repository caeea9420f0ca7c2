import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  closeServer,
  createPlainServer,
  type ServerOptions,
  type WebServer
} from '../../front/server.ts'
import { rememberCaller } from '../../callers/service.ts'
import { rememberCertificate } from '../../owner/client-certificate/service.ts'
import { markRelayed } from './mark/service.ts'
import { CLIENT_FIELD, parseClient } from './client.ts'

// Workers end the connections that they do not use.
const NEVER = 24 * 60 * 60 * 1000

const MAIN = 'main.sock'
const STREAMS = 'streams.sock'

/** Where the main process takes the requests that its workers hand on. */
export interface RelayServer {
  readonly path: string
  /** For connections that come over libp2p. */
  readonly streams: WebServer
  close(timeout: number): Promise<void>
}

/** Listens on a Unix socket in a folder that only its owner can open: who reaches it is believed about whom it asks for. */
export async function startRelayServer(options: ServerOptions): Promise<RelayServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-workers-'))
  const { handler, limits, onConnect } = options
  const server = createPlainServer({
    ...options,
    limits: { ...limits, keepAliveTimeout: NEVER, maxConnections: Infinity },
    handler: asClient(handler),
    onConnect:
      onConnect === undefined
        ? undefined
        : (request, ...asked) => {
            takeClient(request)
            onConnect(request, ...asked)
          }
  })

  const streams = createPlainServer(options)

  server.on('connection', markRelayed)
  await listenIn(folder, server, MAIN)
  // A server that does not listen keeps no times.
  await listenIn(folder, streams, STREAMS)

  return {
    path: join(folder, MAIN),
    streams,
    close: async timeout => {
      await Promise.all([closeServer(server, timeout), closeServer(streams, timeout)])
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function listenIn(folder: string, server: WebServer, name: string): Promise<void> {
  const path = join(folder, name)

  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o600)
}

/** Lets a request look as though its client had connected here. */
function asClient(handler: RequestListener): RequestListener {
  return (request, response) => {
    takeClient(request)
    handler(request, response)
  }
}

function takeClient({ socket, headers, rawHeaders }: IncomingMessage): void {
  // The worker's own is the last: a client that sends the same field has it read by nobody.
  const [, text = ''] = rawHeaders.splice(rawHeaders.lastIndexOf(CLIENT_FIELD), 2)
  const { address, isTls, certificate, caller } = parseClient(text)

  delete headers[CLIENT_FIELD]
  // Requests on this connection come one after the other.
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true })
  rememberCertificate(socket, certificate)
  rememberCaller(socket, caller)

  if (isTls) {
    Object.defineProperty(socket, 'encrypted', { value: true, configurable: true })
  } else {
    Reflect.deleteProperty(socket, 'encrypted')
  }
}
