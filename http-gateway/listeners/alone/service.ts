import { randomBytes } from 'node:crypto'
import { Server as TlsServer } from 'node:https'
import { observeConnections } from '../../events/connections/service.ts'
import {
  closeServer,
  createPlainServer,
  createTlsServer,
  type WebServer
} from '../../front/server.ts'
import type { Doors, DoorsOptions } from '../doors.ts'
import { secureContext, TICKET_KEY_BYTES, type TlsPair } from '../secure-context.ts'
import { listenOnAll, type Listener } from '../service.ts'

/**
 * Listens in this process.
 *
 * @throws {PortTakenError | CannotListenError} with nothing left listening
 */
export async function listenAlone(options: DoorsOptions): Promise<Doors> {
  const { bindings, httpPort, httpsPort, server, events, tls, authority, logger } = options
  const ticketKeys = randomBytes(TICKET_KEY_BYTES)
  const observed = <S extends WebServer>(made: S, isTls: boolean): S => {
    observeConnections(made, events, isTls)

    return made
  }
  const http = await listenOnAll(bindings, {
    scheme: 'http',
    port: httpPort,
    createServer: () => observed(createPlainServer(server), false),
    logger
  })

  try {
    const https = await listenOnAll(bindings, {
      scheme: 'https',
      port: httpsPort,
      createServer: () =>
        observed(createTlsServer(server, secureContext(tls, authority, ticketKeys)), true),
      logger
    })

    return new OwnDoors(http, https, renewed => secureContext(renewed, authority, ticketKeys))
  } catch (error) {
    await closeAll(http, 0)

    throw error
  }
}

class OwnDoors implements Doors {
  readonly http: readonly Listener[]
  readonly https: readonly Listener[]
  readonly hotFiles = { count: 0, bytes: 0 }
  readonly #contextOf: (tls: TlsPair) => ReturnType<typeof secureContext>

  constructor(
    http: readonly Listener[],
    https: readonly Listener[],
    contextOf: (tls: TlsPair) => ReturnType<typeof secureContext>
  ) {
    this.http = http
    this.https = https
    this.#contextOf = contextOf
  }

  get server(): WebServer {
    const [first] = this.http

    if (first === undefined) throw new Error('Nothing listens.')

    return first.server
  }

  async publish(): Promise<void> {
    // The store of this process is the only one.
  }

  async refresh(): Promise<void> {
    // So it is here.
  }

  async handle(): Promise<void> {
    // Programs are asked in this process before a file is.
  }

  async renew(tls: TlsPair): Promise<void> {
    for (const { server } of this.https) {
      if (server instanceof TlsServer) {
        server.setSecureContext(this.#contextOf(tls))
      }
    }
  }

  async close(timeout: number): Promise<void> {
    await closeAll([...this.http, ...this.https], timeout)
  }
}

async function closeAll(listeners: readonly Listener[], timeout: number): Promise<void> {
  await Promise.all(listeners.map(async ({ server }) => closeServer(server, timeout)))
}
