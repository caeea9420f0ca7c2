import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyPluginCallback } from 'fastify'
import { internalError } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import type { SiteServer } from '../../site/server.ts'
import { isRead, type RouteName } from '../routes.ts'

export interface SiteRoutesOptions {
  /** Of the main process. */
  readonly routes: readonly RouteName[]
  readonly forward: (request: IncomingMessage, response: ServerResponse) => void
  readonly site: SiteServer
  readonly logger: FastifyBaseLogger
  /** The Server field. */
  readonly name: string
}

/** What a worker answers at this node’s own names: the files of the site, but where the main process has a route. */
export const siteRoutes: FastifyPluginCallback<SiteRoutesOptions> = (app, options, done) => {
  const { routes, forward, site, logger, name } = options

  for (const { methods, url } of routes) {
    app.route({
      method: methods.filter(isRead),
      url,
      exposeHeadRoute: false,
      // Before the content is read, which is for the main process to ask for.
      onRequest: (request, reply) => {
        reply.hijack()
        forward(request.raw, reply.raw)
      },
      handler: () => undefined
    })
  }

  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: ({ raw: request }, reply) => {
      const { raw: response } = reply

      reply.hijack()
      site.serve(request, response, request.url ?? '/').catch((error: unknown) => {
        logger.error({ err: error, url: request.url }, 'a file cannot be served')
        sendProblem(request, response, internalError(), name)
      })
    }
  })
  done()
}
