import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import type { OwnTree, VerifiedSite } from '../../overlay/content/index.ts'
import {
  InvalidUuidError,
  readFullAddress,
  parseUuid,
  type FullAddress,
  type NodeUuid
} from '../../identity/index.ts'
import type { SignAnswer } from '../audit/signing/service.ts'
import { badRequest, unavailable } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { sendSiteRecord } from './site-record/server.ts'

export interface WellKnownOptions {
  /** The authority certificate, DER. */
  readonly certificate: Uint8Array
  /** The node's own signed record, once it has one. */
  readonly nodeRecord: () => Uint8Array | undefined
  /** What a newcomer needs to join, once there is something to tell. */
  readonly seedAnswer: () => Uint8Array | undefined
  /** The records under a UUID that the node knows. */
  readonly claims: (uuid: NodeUuid) => Promise<Uint8Array | undefined>
  /** The names that the node publishes for others. */
  readonly nameDocument: () => Uint8Array | undefined
  /** The names that another node publishes, where this one tells them. */
  readonly namesOf: (party: FullAddress) => Promise<Uint8Array | undefined>
  /** Whom the node says that it trusts. */
  readonly trustDocument: () => Uint8Array | undefined
  /** The tree of what the node publishes, once it is built. */
  readonly ownTree: () => OwnTree | undefined
  /** The record of a site that the node mirrors. */
  readonly mirroredSite: (address: FullAddress) => VerifiedSite | undefined
  /** Stands by records; without it answers are not signed. */
  readonly sign?: SignAnswer | undefined
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
      reply.hijack()
      send(request.raw, reply.raw, read(), { type, what, server: options.server })
    })
  }

  app.get<{ Params: { uuid: string } }>(
    '/.well-known/plexnet/claims/:uuid',
    async (request, reply) => {
      reply.hijack()
      await sendClaims(request.raw, reply.raw, request.params.uuid, options)
    }
  )

  app.get<{ Params: { address: string } }>(
    '/.well-known/plexnet/names/:address',
    async (request, reply) => {
      reply.hijack()
      await sendNamesOf(request.raw, reply.raw, request.params.address, options)
    }
  )

  app.get('/.well-known/plexnet/site', async (request, reply) => {
    reply.hijack()
    await sendSiteRecord(request.raw, reply.raw, options.ownTree()?.site, options)
  })

  app.get<{ Params: { address: string } }>(
    '/.well-known/plexnet/site/:address',
    async (request, reply) => {
      const address = readFullAddress(request.params.address)

      reply.hijack()

      if (address === undefined) {
        const problem = badRequest('Sites of others stand under their full address, <uuid>.<fp>.')

        sendProblem(request.raw, reply.raw, problem, options.server)
      } else {
        await sendSiteRecord(request.raw, reply.raw, options.mirroredSite(address), options)
      }
    }
  )

  done()
}

interface Document {
  readonly type: string
  readonly what: string
  readonly server: string
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array | undefined,
  { type, what, server }: Document
): void {
  if (bytes === undefined) {
    sendProblem(request, response, unavailable(what), server)

    return
  }

  response.writeHead(200, [
    'Server',
    server,
    'Content-Type',
    type,
    'Content-Length',
    String(bytes.length),
    'Cache-Control',
    'no-cache',
    'X-Content-Type-Options',
    'nosniff'
  ])
  response.end(bytes)
}

async function sendNamesOf(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  { namesOf, server }: WellKnownOptions
): Promise<void> {
  const party = readFullAddress(text)

  if (party === undefined) {
    const problem = badRequest('Names of others stand under their full address, <uuid>.<fp>.')

    sendProblem(request, response, problem, server)

    return
  }

  const document = {
    type: 'application/vnd.plexnet.names',
    what: 'names of that node',
    server
  }

  send(request, response, await namesOf(party).catch(() => undefined), document)
}

async function sendClaims(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  { claims, server }: WellKnownOptions
): Promise<void> {
  const document = { type: 'application/vnd.plexnet.claims', what: 'list of claims', server }

  try {
    send(request, response, await claims(parseUuid(text)), document)
  } catch (error) {
    sendProblem(
      request,
      response,
      error instanceof InvalidUuidError ? badRequest(error.message) : unavailable(document.what),
      server
    )
  }
}
