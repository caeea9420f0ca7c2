import type { IncomingMessage } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import { badRequest, notForRemoteClients } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { readLink } from './link.ts'
import { nameOpener } from './service.ts'
import type { NamesOptions } from './server.ts'

export interface LinkOptions extends NamesOptions {
  readonly isLocal: (request: IncomingMessage) => boolean
}

/**
 * `/.well-known/plexnet/open?link=plex:blog.alice/path`: where a browser, or the desktop, that was told who opens `plex:` and `web+plex:` links
 * sends them, and from where they lead on to the site.
 */
export const linkOpener: FastifyPluginCallback<LinkOptions> = (app, options, done) => {
  const openName = nameOpener(options)

  app.get('/.well-known/plexnet/open', (request, reply) => {
    const { raw } = request
    const { searchParams } = new URL(raw.url ?? '/', 'http://localhost')
    const link = readLink(searchParams.get('link') ?? '')

    reply.hijack()

    if (!options.isLocal(raw)) {
      sendProblem(raw, reply.raw, notForRemoteClients(), options.server)
    } else if (link === undefined) {
      const problem = badRequest('The query has no link such as plex:blog.alice/path.')

      sendProblem(raw, reply.raw, problem, options.server)
    } else {
      openName(raw, reply.raw, {
        ...link,
        scheme: 'encrypted' in raw.socket ? 'https' : 'http',
        port: String(raw.socket.localPort ?? '')
      })
    }
  })
  done()
}
