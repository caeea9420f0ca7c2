import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import {
  ALLOWED_METHODS,
  badRequest,
  internalError,
  methodNotAllowed,
  methodUnknown,
  refusedByHandler
} from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { Problem } from '../pages/problem.ts'
import { Observation } from '../events/requests/service.ts'
import type { Server } from '../events/messages.ts'
import type { Events } from '../events/service.ts'
import { FastPath, type FastPathOptions } from './fast/service.ts'
import { judge, type Rules, type Verdict } from './judge.ts'
import { Order } from './order.ts'
import { Pipelines } from './pipelines.ts'
import { askForContent, type WebServer } from './server.ts'
import type { NamedRequest } from '../hosts/named-request.ts'
import { lazySchemaCompilers } from '../schema-compilers/service.ts'

export type NodeVerdict = Extract<Verdict, { kind: 'node' }>
export type MirrorVerdict = Extract<Verdict, { kind: 'mirror' }>
export type WebVerdict = Extract<Verdict, { kind: 'web' }>

export interface FrontOptions {
  readonly rules: Rules
  /** Requests that may wait for the answers before them, over all connections. */
  readonly maxPipelined: number
  readonly logger: FastifyBaseLogger
  readonly events: Events
  /** The Server field. */
  readonly name: string
  readonly isLocal: (request: IncomingMessage) => boolean
  /** Whether it is told of requests on this connection here. */
  readonly isObserved: (connection: Duplex) => boolean
  readonly createServer: (handler: (req: IncomingMessage, res: ServerResponse) => void) => WebServer
  /** Counts a request, and answers it where it must not come now, with true. */
  readonly refuses?: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Verdict
  ) => boolean
  /** Answers from memory; false where it cannot. */
  readonly serveHot: (request: IncomingMessage, response: ServerResponse, path: string) => boolean
  /** Fetches from the web. */
  readonly fetchFromWeb: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: WebVerdict
  ) => void
  /** Answers for another server that this node stands before; false where there is none for the document. */
  readonly serveProxied: (
    request: IncomingMessage,
    response: ServerResponse,
    path: string
  ) => boolean
  /** Nothing is answered in front of the parser on this connection. */
  readonly mustParse?: FastPathOptions['mustParse']
  /** What the Will-Mirror field of a request is answered with. */
  readonly considerOffer?: ((field: string) => Promise<string>) | undefined
  /** The whole answer to a plain request, where it is in memory. */
  readonly answerHot: FastPathOptions['answer']
  /** The same for another node's site. */
  readonly answerHotOfOther?: FastPathOptions['answerOther']
  /** For a client that does not read its answers, in ms. */
  readonly idleTimeout: number
  /** Sends the client on to whom a name means. */
  readonly openName: (
    request: IncomingMessage,
    response: ServerResponse,
    asked: NamedRequest
  ) => void
  /** Answers out of the copy of a site that is mirrored here. */
  readonly serveMirrored?: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: MirrorVerdict
  ) => void
  /** Fetches from another node. */
  readonly forward: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict
  ) => void
}

// RFC 9110 section 9 and RFC 5789: known, and so 405 rather than 501 where they are not allowed.
const KNOWN_METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH'
])

export interface Front {
  /** Routes for this node's own names; its `inject` gives it requests without a socket. */
  readonly app: FastifyInstance
  /** What every listener feeds. */
  readonly handle: RequestListener
  /** What stands in front of the listeners' parsers. */
  readonly fastPath: FastPath
}

const SERVERS: ReadonlyMap<Verdict['kind'], Server> = new Map([
  ['own', 'own'],
  ['node', 'node'],
  ['mirror', 'node'],
  ['web', 'proxy']
])

/** Tells requests for this node from those for others. */
export function createFront(options: FrontOptions): Front {
  const { logger, events, name } = options
  const verdicts = new WeakMap<IncomingMessage, Verdict>()
  const order = new Order()
  const pipelines = new Pipelines(options.maxPipelined)
  const refuse = (request: IncomingMessage, response: ServerResponse, problem: Problem): void => {
    sendProblem(request, response, problem, name)
  }

  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: lazySchemaCompilers,
    // A logger of its own for each request costs more than most requests.
    childLoggerFactory: parent => parent,
    serverFactory: handler => options.createServer(handler),
    // Routes are only for this node's own names; what is for others must not meet them.
    rewriteUrl: request => {
      const verdict = verdicts.get(request) ?? examine(request)

      return verdict.kind === 'own' ? verdict.path : '/'
    },
    frameworkErrors: (error, request, reply) => {
      reply.hijack()
      refuse(request.raw, reply.raw, badRequest(error.message))
    },
    routerOptions: { maxParamLength: options.rules.maxTargetLength }
  })

  // Content of any type, or of none, is a handler's to judge.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, content, done) => {
    done(null, content)
  })

  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error)

    if (status < 500) {
      reply.hijack()
      refuse(
        request.raw,
        reply.raw,
        refusedByHandler(status, error instanceof Error ? error.message : '')
      )

      return
    }

    logger.error({ err: error, url: request.raw.url }, 'a request failed')
    reply.hijack()
    refuse(request.raw, reply.raw, internalError())
  })

  app.addHook('onRequest', (request, reply, done) => {
    const verdict = verdicts.get(request.raw)

    if (verdict?.kind === 'own' && !request.is404) {
      void reply.header('Server', name)
      done()

      return
    }

    reply.hijack()
    carryOut(request.raw, reply.raw, verdict)
  })

  app.addHook('preParsing', (request, reply, _content, done) => {
    const { headers, routeOptions } = request

    // The content is asked for after the decision, and not where it is known to be too large.
    if (!(Number(headers['content-length']) > routeOptions.bodyLimit)) {
      askForContent(request.raw, reply.raw)
    }

    done()
  })

  function examine(request: IncomingMessage): Verdict {
    const verdict = judge(headOf(request, options.isLocal), options.rules)

    verdicts.set(request, verdict)

    return verdict
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    // The client was told that the connection ends, and that nothing more is read.
    if (request.socket.writableEnded || !pipelines.admit(request, response)) {
      return
    }

    const observation =
      (events.wants('answer') || events.wants('request')) && options.isObserved(request.socket)
        ? new Observation(events, request, response)
        : undefined

    if (order.mustWait(request, response)) {
      // It has the connection when all answers before it are sent.
      response.once('socket', () => consider(request, response, observation))
    } else {
      consider(request, response, observation)
    }
  }

  /** An offer to mirror is considered, and then the request is answered as any other. */
  function consider(
    request: IncomingMessage,
    response: ServerResponse,
    observation: Observation | undefined
  ): void {
    const field = request.headers['will-mirror']
    const { considerOffer } = options

    if (field === undefined || considerOffer === undefined || examine(request).kind !== 'own') {
      answer(request, response, observation)

      return
    }

    considerOffer(field.toString())
      .then(
        decision => response.setHeader('Will-Mirror', decision),
        (error: unknown) => logger.error({ err: error }, 'an offer to mirror cannot be considered')
      )
      .finally(() => answer(request, response, observation))
      .catch((error: unknown) => logger.error({ err: error }, 'a request failed'))
  }

  /** What can be answered without a route does not pay for one. */
  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    observation: Observation | undefined
  ): void {
    const verdict = examine(request)

    if (options.refuses?.(request, response, verdict) === true) {
      return
    }

    const isProxied =
      verdict.kind === 'own' && options.serveProxied(request, response, verdict.path)
    const isHot =
      verdict.kind === 'own' && !isProxied && options.serveHot(request, response, verdict.path)

    if (observation !== undefined) {
      observation.server = isHot
        ? 'memory'
        : isProxied
          ? 'proxy'
          : (SERVERS.get(verdict.kind) ?? 'refusal')
    }

    if (verdict.kind !== 'own') {
      carryOut(request, response, verdict)
    } else if (!isHot && !isProxied) {
      app.routing(request, response)
    }
  }

  function carryOut(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Verdict | undefined
  ): void {
    switch (verdict?.kind) {
      case 'node':
        options.forward(request, response, verdict)
        break
      case 'mirror':
        options.serveMirrored?.(request, response, verdict)
        break
      case 'web':
        options.fetchFromWeb(request, response, verdict)
        break
      case 'name':
        options.openName(request, response, verdict)
        break
      case 'redirect':
        response.writeHead(307, [
          'Server',
          name,
          'Location',
          verdict.location,
          'Content-Length',
          '0',
          'Vary',
          'Accept, Sec-Fetch-Mode, User-Agent'
        ])
        response.end()
        break
      case 'problem':
        refuse(request, response, verdict.problem)
        break
      case 'options':
      case 'own':
      case undefined:
        answerMethod(request, response)
    }
  }

  function answerMethod(request: IncomingMessage, response: ServerResponse): void {
    const { method = '' } = request

    if (method === 'OPTIONS') {
      response.writeHead(204, ['Server', name, 'Allow', ALLOWED_METHODS])
      response.end()
    } else {
      refuse(
        request,
        response,
        KNOWN_METHODS.has(method) ? methodNotAllowed(method) : methodUnknown(method)
      )
    }
  }

  const fastPath = new FastPath({
    ...options.rules,
    events,
    idleTimeout: options.idleTimeout,
    mustParse: options.mustParse,
    answer: options.answerHot,
    answerOther: options.answerHotOfOther
  })

  return { app, handle, fastPath }
}

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error
      ? Number(error.statusCode)
      : 500

  return status >= 400 && status < 600 ? status : 500
}

function headOf(
  request: IncomingMessage,
  isLocal: FrontOptions['isLocal']
): Parameters<typeof judge>[0] {
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    majorVersion: request.httpVersionMajor,
    minorVersion: request.httpVersionMinor,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    scheme: 'encrypted' in request.socket ? 'https' : 'http',
    isLocal: isLocal(request)
  }
}
