import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { closeServer } from '../../front/server.ts'
import { parseAuthority } from '../../hosts/authority.ts'
import { bindingsFor } from '../../listeners/bindings.ts'
import { listenOnAll } from '../../listeners/service.ts'
import { METRICS_TYPE } from '../media-type.ts'

export interface MetricsListenerOptions {
  /** 0 takes any free one. */
  readonly port: number
  readonly text: () => Promise<string>
  readonly logger: FastifyBaseLogger
}

export interface MetricsListener {
  /** Such as `http://127.0.0.1:9100/metrics`. */
  readonly url: string
  close(): Promise<void>
}

// Prometheus keeps one connection; nothing here takes long.
const MAX_CONNECTIONS = 16
const TIMEOUT = 10_000
const CLOSE_TIMEOUT = 500

/**
 * Serves /metrics on the loopback addresses.
 *
 * @throws {PortTakenError | CannotListenError}
 */
export async function listenForMetrics(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { port, text, logger } = options
  const listeners = await listenOnAll(bindingsFor([]), {
    scheme: 'http',
    port,
    logger,
    createServer: () => {
      const server = createServer({ requestTimeout: TIMEOUT }, (request, response) => {
        answer(request, response, text).catch((error: unknown) => {
          logger.error({ err: error }, 'the figures cannot be told')
          send(response, 500, 'The figures cannot be told; the reason stands in the log.\n')
        })
      })

      server.maxConnections = MAX_CONNECTIONS

      return server
    }
  })

  return {
    url: `${listeners[0]?.url}/metrics`,
    close: async () => {
      await Promise.all(listeners.map(async ({ server }) => closeServer(server, CLOSE_TIMEOUT)))
    }
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>
): Promise<void> {
  const { method, url, headers } = request

  // A page whose name was rebound to this machine still sends its own name.
  if (!isLocalName(headers.host)) {
    send(response, 421, 'The figures are told at localhost only.\n')
  } else if (url?.split('?', 1)[0] !== '/metrics') {
    send(response, 404, 'The figures are at /metrics.\n')
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    send(response, 405, 'The figures are read with GET.\n')
  } else {
    response.setHeader('Content-Type', METRICS_TYPE)
    send(response, 200, await text())
  }
}

function isLocalName(host = ''): boolean {
  const authority = parseAuthority(host)

  return authority !== undefined && (authority.isAddress || authority.name === 'localhost')
}

function send(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('Content-Type')) {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  }

  response.writeHead(status, {
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff'
  })
  response.end(text)
}
