import type { FastifyPluginCallback } from 'fastify'
import type { OwnTree } from '../../overlay/content/index.ts'
import { unavailable } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { sendSiteRecord } from './site-record/server.ts'

export interface WellKnownOptions {
  /** The authority certificate, DER. */
  readonly certificate: Uint8Array
  /** The node's own signed record, once it has one. */
  readonly nodeRecord: () => Uint8Array | undefined
  /** What a newcomer needs to join, once there is something to tell. */
  readonly seedAnswer: () => Uint8Array | undefined
  /** The names that the node publishes for others. */
  readonly nameDocument: () => Uint8Array | undefined
  /** Whom the node says that it trusts. */
  readonly trustDocument: () => Uint8Array | undefined
  /** The tree of what the node publishes, once it is built. */
  readonly ownTree: () => OwnTree | undefined
  readonly server: string
}

/** The public documents of a node (DESIGN section 8). */
export const wellKnown: FastifyPluginCallback<WellKnownOptions> = (app, options, done) => {
  const documents = {
    node: {
      type: 'application/vnd.plexnet.node',
      what: 'signed record of itself',
      read: options.nodeRecord
    },
    seed: {
      type: 'application/vnd.plexnet.seed',
      what: 'list of live nodes',
      read: options.seedAnswer
    },
    trust: {
      type: 'application/vnd.plexnet.trust',
      what: 'statements of trust',
      read: options.trustDocument
    },
    names: {
      type: 'application/vnd.plexnet.names',
      what: 'names for others',
      read: options.nameDocument
    },
    certificate: {
      type: 'application/pkix-cert',
      what: 'certificate',
      read: () => options.certificate
    }
  }

  for (const [name, { type, what, read }] of Object.entries(documents)) {
    app.get(`/.well-known/plexnet/${name}`, (request, reply) => {
      const bytes = read()

      reply.hijack()

      if (bytes === undefined) {
        sendProblem(request.raw, reply.raw, unavailable(what), options.server)

        return
      }

      reply.raw.writeHead(200, [
        'Server',
        options.server,
        'Content-Type',
        type,
        'Content-Length',
        String(bytes.length),
        'Cache-Control',
        'no-cache',
        'X-Content-Type-Options',
        'nosniff'
      ])
      reply.raw.end(bytes)
    })
  }

  app.get('/.well-known/plexnet/site', (request, reply) => {
    reply.hijack()
    sendSiteRecord(request.raw, reply.raw, options.ownTree()?.site, options.server)
  })

  done()
}
