import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify'
import type { HandlerRequest } from '../handlers/handler.ts'
import { guardRoutes } from '../handlers/plugins/service.ts'
import type { Handlers } from '../handlers/service.ts'
import { allowedMethods } from '../handlers/handler.ts'
import type { OwnerServer, OwnerServerOptions } from '../owner/server.ts'
import { internalError, methodNotAllowed, methodsAt } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { SiteServer } from '../site/server.ts'

export interface OwnSiteOptions {
  readonly site: SiteServer
  readonly handlers: Handlers
  readonly owner: OwnerServerOptions
  readonly logger: FastifyBaseLogger
  /** The Server field. */
  readonly name: string
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Everything at this node's own names that no other route answers: programs, files, and changes by the owner. */
export const ownSite: FastifyPluginAsync<OwnSiteOptions> = async (app, options) => {
  const { site, handlers, logger, name } = options
  let owner: OwnerServer | undefined

  guardRoutes(app)
  await handlers.load(app)
  app.route<{ Params: HandlerRequest['params'] }>({
    method: METHODS,
    url: '/*',
    bodyLimit: handlers.maxContentSize,
    // Before the content is read, which may not come to memory and may not be wanted.
    onRequest: (request, reply, done) => {
      const target = request.raw.url ?? '/'
      const match = handlers.find(request.raw, target)
      const refusal = match === undefined ? undefined : handlers.refusalOf(request.method, match)

      if (match !== undefined && refusal === undefined) {
        done()

        return
      }

      reply.hijack()

      if (match === undefined) {
        answer(request.raw, reply.raw, target)
      } else if (refusal === 'options') {
        tellMethods(reply.raw, allowedMethods(match.methods))
      } else if (refusal !== undefined) {
        sendProblem(request.raw, reply.raw, refusal, name)
      }
    },
    handler: (request, reply) => handlers.answer(request, reply),
    onSend: (request, reply, payload, done) => {
      handlers.complete(request, reply)
      done(null, payload)
    },
    errorHandler: (error, request, reply) => handlers.fail(error, request, reply)
  })

  /** Without a program. */
  function answer(request: IncomingMessage, response: ServerResponse, target: string): void {
    const { method = '' } = request

    switch (method) {
      case 'GET':
      case 'HEAD':
        site.serve(request, response, target).catch((error: unknown) => {
          fail(request, response, error, 'a file cannot be served')
        })
        break
      case 'POST':
      case 'PUT':
      case 'DELETE':
        if (method === 'POST' && !methodsAt(target).includes(method)) {
          sendProblem(request, response, methodNotAllowed(method, methodsAt(target)), name)
          break
        }

        serveOwner(request, response, target).catch((error: unknown) => {
          fail(request, response, error, 'a document cannot be changed')
        })
        break
      case 'OPTIONS':
        tellMethods(response, methodsAt(target))
        break
      default:
        sendProblem(request, response, methodNotAllowed(method, methodsAt(target)), name)
    }
  }

  function tellMethods(response: ServerResponse, allowed: string): void {
    response.writeHead(204, ['Server', name, 'Allow', allowed])
    response.end()
  }

  async function serveOwner(
    request: IncomingMessage,
    response: ServerResponse,
    target: string
  ): Promise<void> {
    // Few nodes need it, and none while it starts.
    const { OwnerServer: Owner } = await import('../owner/server.ts')

    owner ??= new Owner(options.owner)
    await owner.serve(request, response, target)
  }

  function fail(
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    what: string
  ): void {
    logger.error({ err: error, url: request.url }, what)
    sendProblem(request, response, internalError(), name)
  }
}
