import type { IncomingMessage, ServerResponse } from 'node:http'
import { fastify, LogController, type FastifyInstance } from 'fastify'
import { badRequest, internalError, refusedByHandler } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import { lazySchemaCompilers } from '../../schema-compilers/service.ts'
import type { FrontOptions } from '../front-options.ts'
import type { Verdict } from '../judge.ts'
import { askForContent } from '../server.ts'

/** How the front decides on requests, and carries that out. */
export interface Decisions {
  readonly examine: (request: IncomingMessage) => Verdict
  /** What was decided, if anything was. */
  readonly verdictOf: (request: IncomingMessage) => Verdict | undefined
  readonly carryOut: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Verdict | undefined
  ) => void
}

/** Routes for this node's own names, and for nobody else's. */
export function createApp(
  options: Pick<FrontOptions, 'logger' | 'name' | 'serverFor' | 'rules'>,
  { examine, verdictOf, carryOut }: Decisions
): FastifyInstance {
  const { logger, name } = options
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: lazySchemaCompilers,
    // A logger of its own for each request costs more than most requests.
    childLoggerFactory: parent => parent,
    serverFactory: handler => options.serverFor(handler),
    // Routes are only for this node's own names; what is for others must not meet them.
    rewriteUrl: request => {
      const verdict = verdictOf(request) ?? examine(request)

      return verdict.kind === 'own' ? verdict.path : '/'
    },
    frameworkErrors: (error, request, reply) => {
      reply.hijack()
      sendProblem(request.raw, reply.raw, badRequest(error.message), name)
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
      sendProblem(
        request.raw,
        reply.raw,
        refusedByHandler(status, error instanceof Error ? error.message : ''),
        name
      )

      return
    }

    logger.error({ err: error, url: request.raw.url }, 'a request failed')
    reply.hijack()
    sendProblem(request.raw, reply.raw, internalError(), name)
  })

  app.addHook('onRequest', (request, reply, done) => {
    const verdict = verdictOf(request.raw)

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

  return app
}

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error
      ? Number(error.statusCode)
      : 500

  return status >= 400 && status < 600 ? status : 500
}
