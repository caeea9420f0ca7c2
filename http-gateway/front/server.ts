import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { GatewayLimits } from '../config.ts'
import type { ParseFailed } from '../events/messages.ts'
import { clientOf } from '../events/transport.ts'
import type { Problem } from '../pages/problem.ts'
import { methodNotAllowed } from '../pages/request-problems.ts'
import type { FastPath } from './fast/service.ts'
import { endWith } from './lingering/service.ts'
import { endSlowReaders } from './slow-readers/service.ts'
import { parseProblem, rawAnswer, type ParseError } from './parse-error.ts'

export type WebServer = http.Server | https.Server

export interface ServerOptions {
  readonly handler: http.RequestListener
  readonly limits: GatewayLimits
  /** The Server field. */
  readonly name: string
  /** Answers in front of the parser what it can. */
  readonly fastPath?: FastPath | undefined
  /** Takes a connection that asks for a tunnel, with what has come of it; `refuse` answers instead. */
  readonly onConnect?:
    | ((
        request: http.IncomingMessage,
        socket: Duplex,
        head: Buffer,
        refuse: (problem: Problem) => void
      ) => void)
    | undefined
  /** Told of what could not be read as a request. */
  readonly onRefused?: ((refusal: ParseFailed) => void) | undefined
}

const END_OF_FIELDS = '\r\n\r\n'

// How often connections are checked for their timeouts, as a part of the shortest.
const CHECKS_PER_TIMEOUT = 4
const MAX_CHECK_INTERVAL = 5000

// Connections that sent what is no request: the parser complains of each packet that still comes.
const refused = new WeakSet<Duplex>()

export function createPlainServer(options: ServerOptions): http.Server {
  return configure(http.createServer(settings(options.limits), options.handler), options)
}

export function createTlsServer(options: ServerOptions, tls: https.ServerOptions): https.Server {
  return configure(
    https.createServer(
      // A handshake is a head of another kind; Node's own bound is two minutes.
      {
        ...settings(options.limits),
        handshakeTimeout: options.limits.headersTimeout,
        ...tls
      },
      options.handler
    ),
    options
  )
}

/** Lets a client that waits for it send its content; HTTP/1.0 knows no such answer (RFC 9110 section 10.1.1). */
export function askForContent(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.headers.expect !== undefined && request.httpVersionMinor > 0) {
    response.writeContinue()
  }
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

function configure<S extends WebServer>(server: S, options: ServerOptions): S {
  const { handler, limits } = options

  // A client that half-closes after its request still gets the answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.maxConnections = limits.maxConnections
  server.setTimeout(limits.idleTimeout)
  endSlowReaders(server, limits)
  takeFastPath(server, options.fastPath)
  // 100 Continue is sent where the content is wanted, not before the decision.
  server.on('checkContinue', handler)
  server.on('checkExpectation', handler)
  server.on('connect', (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuseIt = (problem: Problem): void => refuse(socket, problem, undefined, options)

    afterAnswers(socket, () => {
      if (options.onConnect === undefined) {
        refuseIt(methodNotAllowed(request.method ?? ''))
      } else {
        options.onConnect(request, socket, head, refuseIt)
      }
    })
  })
  server.on('clientError', (error: ParseError, socket: Duplex) => {
    onClientError(error, socket, options)
  })

  return server
}

function takeFastPath(server: WebServer, fastPath: FastPath | undefined): void {
  if (fastPath === undefined) {
    return
  }

  server.on(
    server instanceof https.Server ? 'secureConnection' : 'connection',
    (socket: Duplex) => {
      fastPath.attach(socket)
    }
  )

  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    server.on(event, (request: http.IncomingMessage, response: http.ServerResponse) => {
      fastPath.note(request, response)
    })
  }
}

function onClientError(error: ParseError, socket: Duplex, options: ServerOptions): void {
  // Bytes after a request with Connection: close are not read, and do not harm its answer (nodejs/node#53076).
  if (error.code === 'HPE_CLOSED_CONNECTION') {
    return
  }

  if (error.code === 'ECONNRESET') {
    socket.destroy()

    return
  }

  if (refused.has(socket)) {
    return
  }

  const release = keepOpen(socket)

  refused.add(socket)
  afterAnswers(socket, () => {
    release()

    if (presentAnswer(socket)?.headersSent === true) {
      socket.destroy()
    } else {
      refuse(socket, parseProblem(error), error.rawPacket, options)
    }
  })
}

function refuse(
  socket: Duplex,
  problem: Problem,
  packet: Buffer | undefined,
  { name, onRefused }: ServerOptions
): void {
  const answer = rawAnswer(problem, packet, name, now())
  const { status, code } = problem

  onRefused?.({
    ...clientOf(socket),
    status,
    code,
    bytes: answer.length - answer.indexOf(END_OF_FIELDS) - END_OF_FIELDS.length
  })
  endWith(socket, answer)
}

/** The requests before one that cannot be read are answered first (RFC 9112 section 9.3.2). */
function afterAnswers(socket: Duplex, then: () => void): void {
  const answer = presentAnswer(socket)

  if (answer?.req.complete === true) {
    answer.once('close', () => afterAnswers(socket, then))
  } else if (socket.writable) {
    then()
  } else {
    socket.destroy()
  }
}

/** A client that half-closes makes Node end the connection with the answer that is under way, before the one that is still to come. */
function keepOpen(socket: Duplex): () => void {
  if (!(socket instanceof Socket)) {
    return () => undefined
  }

  const close = socket.destroySoon.bind(socket)

  socket.destroySoon = () => undefined

  return () => {
    socket.destroySoon = close
  }
}

function presentAnswer(socket: Duplex): http.ServerResponse | undefined {
  // The only way to the answer from here; Node's own handler of these errors goes it too.
  const answer: unknown = Reflect.get(socket, '_httpMessage')

  return answer instanceof http.ServerResponse ? answer : undefined
}

function now(): string {
  return new Date().toUTCString()
}
