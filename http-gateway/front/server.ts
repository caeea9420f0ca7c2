import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import type { GatewayLimits } from '../config.ts'
import { methodNotAllowed } from '../pages/request-problems.ts'
import { parseProblem, rawAnswer } from './parse-error.ts'

export type WebServer = http.Server | https.Server

export interface ServerOptions {
  readonly handler: http.RequestListener
  readonly limits: GatewayLimits
  /** The Server field. */
  readonly name: string
}

// A method that Node’s parser does not know arrives as a parse error, so these two are told apart there.
interface ParseError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

// How often connections are checked for their timeouts, as a part of the shortest.
const CHECKS_PER_TIMEOUT = 4
const MAX_CHECK_INTERVAL = 5000

// How long a client has to read an answer after which its connection ends, in ms.
const LINGER = 1000

export function createPlainServer(options: ServerOptions): http.Server {
  return configure(http.createServer(settings(options.limits), options.handler), options)
}

export function createTlsServer(options: ServerOptions, tls: https.ServerOptions): https.Server {
  return configure(
    https.createServer({ ...settings(options.limits), ...tls }, options.handler),
    options
  )
}

/** Ends a server: what is idle at once, what is being answered within `timeout` ms. */
export async function closeServer(server: WebServer, timeout: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), timeout)

  if (server.listening) {
    server.close()
    server.closeIdleConnections()
    await once(server, 'close')
  }

  clearTimeout(timer)
}

function settings(limits: GatewayLimits): http.ServerOptions {
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeaderSize } = limits

  return {
    headersTimeout,
    requestTimeout: Math.max(requestTimeout, headersTimeout),
    keepAliveTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout / CHECKS_PER_TIMEOUT, MAX_CHECK_INTERVAL),
    maxHeaderSize,
    // Node’s own answer to a missing Host is 5 bytes long; `judge` gives a better one.
    requireHostHeader: false,
    noDelay: true
  }
}

function configure<S extends WebServer>(server: S, { handler, limits, name }: ServerOptions): S {
  // A client that half-closes after its request still gets the answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.maxConnections = limits.maxConnections
  server.setTimeout(limits.idleTimeout)
  // 100 Continue is sent where the content is wanted, not before the decision.
  server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
    closeUnlessAsked(request, response)
    handler(request, response)
  })
  server.on('checkExpectation', handler)
  server.on('connect', (request: http.IncomingMessage, socket: Duplex) => {
    end(socket, rawAnswer(methodNotAllowed(request.method ?? ''), undefined, name, now()))
  })
  server.on('clientError', (error: ParseError, socket: Duplex) => {
    onClientError(error, socket, name)
  })

  return server
}

function onClientError(error: ParseError, socket: Duplex, name: string): void {
  // Bytes after a request with Connection: close are not read, and do not harm its answer (nodejs/node#53076).
  if (error.code === 'HPE_CLOSED_CONNECTION') {
    return
  }

  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()

    return
  }

  const answer = presentAnswer(socket)

  // The requests before the one that cannot be read are answered first (RFC 9112 section 9.3.2).
  if (answer?.req.complete === true) {
    answer.once('close', () => onClientError(error, socket, name))

    return
  }

  if (answer?.headersSent === true) {
    socket.destroy()

    return
  }

  end(
    socket,
    rawAnswer(parseProblem(error.code ?? '', error.rawPacket), error.rawPacket, name, now())
  )
}

function presentAnswer(socket: Duplex): http.ServerResponse | undefined {
  // The only way to the answer from here; Node's own handler of these errors goes it too.
  const answer: unknown = Reflect.get(socket, '_httpMessage')

  return answer instanceof http.ServerResponse ? answer : undefined
}

/** A client that was not asked for its content may send it or not, so that nobody can tell what comes next on the connection (RFC 9110 section 10.1.1). */
function closeUnlessAsked(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { headers } = request

  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) {
    return
  }

  const keepsAlive = response.shouldKeepAlive

  response.shouldKeepAlive = false
  response.writeContinue = callback => {
    response.shouldKeepAlive = keepsAlive
    http.ServerResponse.prototype.writeContinue.call(response, callback)
  }
}

/** Closing at once would reset the connection and could lose the answer on its way (RFC 9112 section 9.6). */
function end(socket: Duplex, bytes: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), LINGER)

  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(bytes)
}

function now(): string {
  return new Date().toUTCString()
}
