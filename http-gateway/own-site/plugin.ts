import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyPluginCallback } from 'fastify'
import type { OwnerServer, OwnerServerOptions } from '../owner/server.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { SiteServer } from '../site/server.ts'

export interface OwnSiteOptions {
  readonly site: SiteServer
  readonly owner: OwnerServerOptions
  readonly logger: FastifyBaseLogger
  /** The Server field. */
  readonly name: string
}

/** Everything at this node's own names that no other route answers. */
export const ownSite: FastifyPluginCallback<OwnSiteOptions> = (app, options, done) => {
  const { site, logger, name } = options
  let owner: OwnerServer | undefined

  app.route({
    method: ['PUT', 'DELETE'],
    url: '/*',
    // Before the content is read, which may not come to memory and may not be wanted.
    onRequest: (request, reply) => {
      reply.hijack()
      serveOwner(request.raw, reply.raw).catch((error: unknown) => {
        fail(request.raw, reply.raw, error, 'a document cannot be changed')
      })
    },
    handler: () => undefined
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: (request, reply) => {
      reply.hijack()
      site.serve(request.raw, reply.raw, request.raw.url ?? '/').catch((error: unknown) => {
        fail(request.raw, reply.raw, error, 'a file cannot be served')
      })
    }
  })
  done()

  async function serveOwner(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Few nodes need it, and none while it starts.
    const { OwnerServer: Owner } = await import('../owner/server.ts')

    owner ??= new Owner(options.owner)
    await owner.serve(request, response, request.url ?? '/')
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
