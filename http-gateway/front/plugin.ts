import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { ALLOWED_METHODS, methodNotAllowed, methodUnknown } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { Problem } from '../pages/problem.ts'
import { Observation } from '../events/requests/service.ts'
import type { Server } from '../events/messages.ts'
import { createApp } from './app/service.ts'
import { FastPath } from './fast/service.ts'
import type { FrontOptions } from './front-options.ts'
import { judge, type Verdict } from './judge.ts'
import { Order } from './order.ts'
import { Pipelines } from './pipelines.ts'

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

  const app = createApp(options, { examine, verdictOf: request => verdicts.get(request), carryOut })

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
