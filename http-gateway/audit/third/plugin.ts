import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import { internalError } from '../../pages/request-problems.ts'
import type { Problem } from '../../pages/problem.ts'
import { sendProblem } from '../../pages/server.ts'

/** What becomes of a request to look at a mirror. */
export type ThirdAnswer =
  | { readonly kind: 'seen'; readonly observation: Uint8Array }
  /** `seen-before`: the same request came before; `elsewhere`: the node is no mirror of that site. */
  | {
      readonly kind: 'malformed' | 'stranger' | 'seen-before' | 'busy' | 'elsewhere'
      readonly reason: string
    }

export type LookForOthers = (request: Uint8Array) => Promise<ThirdAnswer | undefined>

export interface ThirdOptions {
  /** Looks at mirrors for other nodes; gives undefined where this node does not, or not yet. */
  readonly look: (request: Uint8Array) => Promise<ThirdAnswer | undefined>
  readonly server: string
}

// As large as a request is that names as many blocks and documents as may be, in bytes.
const MAX_REQUEST = 20_480

const STATUSES = { malformed: 400, stranger: 403, 'seen-before': 409, busy: 429, elsewhere: 422 }

const ADVICE: Readonly<Record<keyof typeof STATUSES, readonly string[]>> = {
  malformed: ['Send a request that is signed with the key that your node record names.'],
  stranger: ['Ask a node that trusts you, or one that mirrors or has read your site.'],
  'seen-before': ['Give each request a time of its own.'],
  busy: ['Ask another node, or this one in some minutes.'],
  elsewhere: ['Ask about a node that announces itself as a mirror of that site.']
}

/** `POST /.well-known/plexnet/audit`: another node asks this one to read from a mirror, and to tell what came. */
export const thirdNode: FastifyPluginCallback<ThirdOptions> = (app, { look, server }, done) => {
  app.post(
    '/.well-known/plexnet/audit',
    { bodyLimit: MAX_REQUEST },
    async ({ raw: request, body }, reply) => {
      reply.hijack()

      try {
        const bytes = body instanceof Uint8Array ? body : new Uint8Array()
        const answer = await look(bytes)

        send(request, reply.raw, answer ?? NOT_HERE, server)
      } catch {
        sendProblem(request, reply.raw, internalError(), server)
      }
    }
  )
  done()
}

const NOT_HERE: ThirdAnswer = {
  kind: 'busy',
  reason: 'This node has not come up yet, or looks at mirrors for nobody'
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ThirdAnswer,
  server: string
): void {
  if (answer.kind !== 'seen') {
    sendProblem(request, response, refusal(answer), server)

    return
  }

  response.writeHead(200, [
    'Server',
    server,
    'Content-Type',
    'application/vnd.plexnet.observation',
    'Content-Length',
    String(answer.observation.length),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff'
  ])
  response.end(answer.observation)
}

function refusal({ kind, reason }: Exclude<ThirdAnswer, { kind: 'seen' }>): Problem {
  return {
    status: STATUSES[kind],
    code: 'PLEXNET_AUDIT_REFUSED',
    detail: `${reason}.`,
    advice: ADVICE[kind],
    ...(kind === 'busy' ? { fields: { 'Retry-After': '120' } } : {})
  }
}
