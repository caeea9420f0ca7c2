import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { WebServer } from '../../front/server.ts'
import type { Doors, DoorsOptions } from '../../listeners/doors.ts'
import type { Binding } from '../../listeners/bindings.ts'
import { TICKET_KEY_BYTES, type TlsPair } from '../../listeners/secure-context.ts'
import { listenOnAll, type Listener } from '../../listeners/service.ts'
import { PortTakenError } from '../../errors.ts'
import type { Figures, Place, Setup } from '../messages.ts'
import { startRelayServer, type RelayServer } from '../relay/server.ts'
import { Workers } from '../service.ts'

export interface SharedDoorsOptions extends DoorsOptions {
  readonly workers: number
  /** The rest of what a worker is told at its start. */
  readonly setup: Pick<
    Setup,
    | 'identity'
    | 'host'
    | 'listing'
    | 'publicGateway'
    | 'outsiders'
    | 'pseudonym'
    | 'proxy'
    | 'forwardProxy'
    | 'routes'
    | 'isGuarded'
  >
  /** The folder that is published now. */
  readonly root: () => string | undefined
  /** Paths that programs answer now. */
  readonly handlers: () => readonly string[]
}

interface Found extends Place {
  readonly listeners: readonly Pick<Listener, 'url' | 'port'>[]
}

// A port that is free when it is looked for may be taken when the workers listen.
const MAX_TRIES = 16

/**
 * Lets several processes listen on the same ports; the system deals connections out to them.
 *
 * @throws {PortTakenError | CannotListenError} with nothing left listening
 */
export async function listenInWorkers(options: SharedDoorsOptions): Promise<Doors> {
  const relay = await startRelayServer(options.server)

  try {
    for (let tries = 1; ; tries += 1) {
      try {
        return await open(options, relay)
      } catch (error) {
        const mayMove = options.httpPort === 0 || options.httpsPort === 0

        if (!mayMove || tries === MAX_TRIES || !(error instanceof PortTakenError)) throw error
      }
    }
  } catch (error) {
    await relay.close(0)

    throw error
  }
}

async function open(options: SharedDoorsOptions, relay: RelayServer): Promise<Doors> {
  const { workers: count, events, logger, server, setup, root, handlers } = options
  const http = await findPlace('http', options.httpPort, options)
  const https = await findPlace('https', options.httpsPort, options)
  const ticketKeys = randomBytes(TICKET_KEY_BYTES)
  let { tls } = options

  const workers = new Workers({
    count,
    events,
    logger,
    setup: () => ({
      ...setup,
      limits: server.limits,
      name: server.name,
      tls,
      ticketKeys,
      http: placeOf(http),
      https: placeOf(https),
      root: root(),
      handlers: handlers(),
      relay: relay.path
    })
  })

  await workers.start()

  return new SharedDoors({
    http: http.listeners,
    https: https.listeners,
    server: relay.streams,
    workers,
    relay,
    onRenewed: renewed => {
      tls = renewed
    }
  })
}

/**
 * Listens for a moment, alone: workers would share the port with any other program of this user that shares it, too, such as another node.
 */
async function findPlace(
  scheme: 'http' | 'https',
  port: number,
  { bindings, logger }: DoorsOptions
): Promise<Found> {
  const listeners = await listenOnAll(bindings, {
    scheme,
    port,
    createServer: () => createServer(),
    logger
  })

  await Promise.all(
    listeners.map(
      async ({ server }) =>
        new Promise(resolve => {
          server.close(resolve)
        })
    )
  )

  return {
    listeners: listeners.map(listener => ({ url: listener.url, port: listener.port })),
    bindings: listeners.map(({ binding }): Binding => ({ ...binding, isOptional: false })),
    port: listeners[0]?.port ?? 0
  }
}

function placeOf({ bindings, port }: Found): Place {
  return { bindings, port }
}

interface SharedDoorsParts extends Pick<Doors, 'http' | 'https' | 'server'> {
  readonly workers: Workers
  readonly relay: RelayServer
  readonly onRenewed: (tls: TlsPair) => void
}

class SharedDoors implements Doors {
  readonly http: Doors['http']
  readonly https: Doors['https']
  readonly server: WebServer
  readonly #parts: SharedDoorsParts

  constructor(parts: SharedDoorsParts) {
    this.#parts = parts
    this.http = parts.http
    this.https = parts.https
    this.server = parts.server
  }

  get hotFiles(): Figures {
    return this.#parts.workers.figures
  }

  async publish(root: string | undefined): Promise<void> {
    await this.#parts.workers.publish(root)
  }

  async refresh(): Promise<void> {
    await this.#parts.workers.refresh()
  }

  async handle(paths: readonly string[]): Promise<void> {
    await this.#parts.workers.handle(paths)
  }

  async renew(tls: TlsPair): Promise<void> {
    this.#parts.onRenewed(tls)
    await this.#parts.workers.renew(tls)
  }

  async close(timeout: number): Promise<void> {
    const { workers, relay } = this.#parts

    // What they hand on is answered until the end.
    await workers.close(timeout)
    await relay.close(timeout)
  }
}
