import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { parseAuthority } from '../../hosts/authority.ts'
import type { Problem } from '../../pages/problem.ts'
import { badRequest } from '../../pages/request-problems.ts'
import { dial } from '../dial/service.ts'
import { ForbiddenTargetError } from '../errors.ts'
import { originProblem, tooManyTunnels } from '../problems.ts'
import type { ProxyLimits } from '../settings.ts'

export interface TunnelsOptions {
  readonly limits: ProxyLimits
  readonly ports: readonly number[]
  readonly allowPrivate: boolean
  readonly logger: FastifyBaseLogger
}

export interface TunnelRequest {
  readonly request: IncomingMessage
  readonly client: Duplex
  /** What has come of the tunnel's bytes already. */
  readonly head: Buffer
  /** The port of this node that answers for the target, where one does. */
  readonly own: number | undefined
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n'

/** Connections through this node to a port of another machine, byte by byte (RFC 9110 section 9.3.6). */
export class Tunnels {
  readonly #options: TunnelsOptions
  readonly #open = new Set<Duplex>()

  constructor(options: TunnelsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** `refuse` answers where no tunnel comes about. */
  async open(
    { request, client, head, own }: TunnelRequest,
    refuse: (problem: Problem) => void
  ): Promise<void> {
    const target = request.url ?? ''
    const authority = parseAuthority(target)
    const { limits, ports, allowPrivate, logger } = this.#options

    if (authority?.port === undefined) {
      refuse(badRequest('The target of CONNECT is a host and a port.'))

      return
    }

    if (this.#open.size >= limits.maxTunnels) {
      refuse(tooManyTunnels())

      return
    }

    const port = Number(authority.port)
    const onError = (): void => void client.destroy()

    this.#open.add(client)
    client.once('close', () => this.#open.delete(client))
    client.on('error', onError)

    try {
      if (own === undefined && !ports.includes(port)) {
        throw new ForbiddenTargetError(target, `its port is none of ${ports.join(', ')}`)
      }

      const server =
        own === undefined
          ? await dial(authority.name, port, { timeout: limits.connectTimeout, allowPrivate })
          : await dial('127.0.0.1', own, { timeout: limits.connectTimeout, allowPrivate: true })

      if (client.destroyed) {
        server.destroy()
      } else {
        join(client, server, head, limits.tunnelIdleTimeout)
      }
    } catch (error) {
      logger.debug({ err: error, target }, 'a tunnel did not come about')
      this.#open.delete(client)
      refuse(originProblem(error))
    }
  }

  close(): void {
    for (const client of this.#open) {
      client.destroy()
    }
  }
}

function join(client: Duplex, server: Socket, head: Buffer, idleTimeout: number): void {
  const end = (): void => {
    client.destroy()
    server.destroy()
  }
  const timer = setTimeout(end, idleTimeout)
  const onData = (): void => void timer.refresh()

  if ('setTimeout' in client && typeof client.setTimeout === 'function') {
    // The timeout of the listener is for requests.
    client.setTimeout(0)
  }

  for (const side of [client, server]) {
    side.on('data', onData)
    side.once('error', end)
    side.once('close', () => {
      clearTimeout(timer)
      end()
    })
  }

  client.write(ESTABLISHED)

  if (head.length > 0) {
    server.write(head)
  }

  // Each direction ends for itself; the other may go on.
  client.pipe(server)
  server.pipe(client)
}
