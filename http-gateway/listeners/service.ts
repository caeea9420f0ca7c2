import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { FastifyBaseLogger } from 'fastify'
import { CannotListenError, PortTakenError } from '../errors.ts'
import { urlOf, type Binding } from './bindings.ts'
import { errorCode } from '../../identity/index.ts'

export interface Listener {
  readonly server: Server | TlsServer
  readonly url: string
  readonly port: number
  readonly binding: Binding
}

export interface ListenOptions {
  readonly scheme: 'http' | 'https'
  /** 0 for any that is free on all addresses. */
  readonly port: number
  readonly createServer: () => Server | TlsServer
  /** Other processes of this user may listen there as well, if they share, too. */
  readonly isShared?: boolean
  readonly logger: FastifyBaseLogger
}

// A port that the system gives on one address may be taken on another.
const MAX_TRIES = 16

const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

/**
 * Listens on all addresses at the same port.
 *
 * @throws {PortTakenError | CannotListenError} with nothing left listening
 */
export async function listenOnAll(
  bindings: readonly Binding[],
  options: ListenOptions
): Promise<Listener[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnce(bindings, options)
    } catch (error) {
      if (options.port !== 0 || tries === MAX_TRIES || !(error instanceof PortTakenError)) {
        throw error
      }
    }
  }
}

async function listenOnce(
  bindings: readonly Binding[],
  options: ListenOptions
): Promise<Listener[]> {
  const { scheme, createServer } = options
  const listeners: Listener[] = []
  let { port } = options

  try {
    for (const binding of bindings) {
      const server = createServer()

      if (await listen(server, binding, port, options)) {
        port = portOf(server)
        listeners.push({ server, port, binding, url: urlOf(scheme, binding, port) })
      }
    }
  } catch (error) {
    await Promise.all(listeners.map(async ({ server }) => close(server)))

    throw error
  }

  const [first] = bindings

  if (listeners.length === 0 && first !== undefined) {
    throw new CannotListenError(first.address, port, 'no address of this machine can be used')
  }

  return listeners
}

async function listen(
  server: Server | TlsServer,
  { address, family, isOptional }: Binding,
  port: number,
  { isShared = false, logger }: ListenOptions
): Promise<boolean> {
  try {
    // Without ipv6Only the wildcard of IPv6 would take the port of IPv4 as well.
    server.listen({ host: address, port, ipv6Only: family === 6, reusePort: isShared })
    await once(server, 'listening')

    return true
  } catch (error) {
    const code = errorCode(error)

    if (code === 'EADDRINUSE') {
      throw new PortTakenError(address, port, { cause: error })
    }

    if (isOptional && NO_SUCH_ADDRESS.has(String(code))) {
      logger.warn({ address, code }, `This machine has no IPv${family}: going on without it.`)

      return false
    }

    const reason =
      isShared && code === 'ENOTSUP'
        ? 'this system cannot share a port between processes, as gateway.workers asks'
        : String(code ?? error)

    throw new CannotListenError(address, port, reason, { cause: error })
  }
}

function portOf(server: Server | TlsServer): number {
  const address = server.address()

  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(server: Server | TlsServer): Promise<void> {
  server.close()
  await once(server, 'close')
}
