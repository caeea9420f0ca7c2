import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { formatAddress } from '../../../identity/index.ts'
import { NotStoredError } from '../../cache/errors.ts'
import type { HttpCache } from '../../cache/service.ts'
import type { Verdict } from '../../front/judge.ts'
import { askForContent } from '../../front/server.ts'
import { parseAuthority } from '../../hosts/authority.ts'
import { nodeProblem, type Asked } from '../../pages/node-problems.ts'
import type { Problem } from '../../pages/problem.ts'
import { sendProblem } from '../../pages/server.ts'
import { originProblem } from '../../proxy/problems.ts'
import { Reply } from '../../proxy/reply/service.ts'
import type { Finder } from '../exchange/service.ts'
import { answerFields, requestFields } from '../header-fields.ts'
import { PeerOrigin } from '../peer-origin/service.ts'
import { bodyOf } from '../request-body/service.ts'

export interface ServingOptions {
  readonly finder: Finder
  readonly pseudonym: string
  /** The Server field of answers that come from here. */
  readonly server: string
  /** ms until the first byte of an answer */
  readonly timeout: number
  readonly logger: FastifyBaseLogger
}

/** A request for a document of another node. */
export interface Ask {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly verdict: Extract<Verdict, { kind: 'node' }>
  /** May have a better problem than the usual one where no answer came about. */
  readonly onFail: ((error: unknown) => Problem | undefined) | undefined
}

/** Answers requests for documents of other nodes, out of the cache or by way of their nodes. */
export class Serving {
  readonly #options: ServingOptions
  readonly #cache: HttpCache

  constructor(options: ServingOptions, cache: HttpCache) {
    this.#options = options
    this.#cache = cache
  }

  serve({ request, response, verdict, onFail }: Ask): void {
    const { finder, pseudonym, server, timeout, logger } = this.#options
    const { target, path, form } = verdict
    const { method = 'GET', headers, rawHeaders, httpVersion } = request
    const node = formatAddress(target.address)
    const place = { form, prefix: `/${node}`, pseudonym, server }
    const reply = new Reply(request, response, {
      finish: fields => answerFields(fields, place),
      onFail: error => {
        logger.info({ err: error, node, path }, 'a document of another node cannot be shown')
        sendProblem(
          request,
          response,
          onFail?.(error) ?? problemOf(error, request, verdict),
          server
        )
      },
      onCut: error => {
        logger.warn(
          { err: error, node, path },
          'the answer of another node broke off; the client’s connection is cut'
        )
      }
    })

    this.#cache.serve(
      {
        method,
        space: 'node',
        url: `http://${target.label}.localhost${path}`,
        // In the path form they were not sent.
        headers:
          form === 'path' ? { ...headers, cookie: undefined, authorization: undefined } : headers,
        fields: requestFields(
          { rawHeaders, connection: headers.connection, via: headers.via, version: httpVersion },
          form,
          pseudonym
        ),
        isSurrogate: false,
        // Who answers to a bare UUID may be another node in a moment.
        isStored: target.address.fp !== undefined,
        path,
        body: contentOf(request, response)
      },
      new PeerOrigin({ finder, target, timeout }),
      reply
    )
  }
}

function problemOf(error: unknown, request: IncomingMessage, verdict: Ask['verdict']): Problem {
  return error instanceof NotStoredError
    ? originProblem(error)
    : nodeProblem(error, askedOf(request, verdict))
}

function contentOf(request: IncomingMessage, response: ServerResponse): ReturnType<typeof bodyOf> {
  const body = bodyOf(request)

  if (body !== undefined) {
    askForContent(request, response)
  }

  return body
}

function askedOf(request: IncomingMessage, { form, host, path }: Ask['verdict']): Asked {
  return {
    form,
    scheme: 'encrypted' in request.socket ? 'https' : 'http',
    port: parseAuthority(host)?.port,
    path
  }
}
