import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { formatAddress } from '../../../identity/index.ts'
import type { Verdict } from '../../front/judge.ts'
import { askForContent } from '../../front/server.ts'
import { parseAuthority } from '../../hosts/authority.ts'
import { nodeProblem, type Asked } from '../../pages/node-problems.ts'
import type { Problem } from '../../pages/problem.ts'
import { sendProblem } from '../../pages/server.ts'
import { Exchange, type Finder } from '../exchange/service.ts'
import { requestFields } from '../header-fields.ts'
import { bodyOf, Relay } from '../relay/service.ts'

export interface ForwarderOptions {
  readonly finder: Finder
  readonly pseudonym: string
  /** The Server field of answers that come from here. */
  readonly server: string
  /** ms until the first byte of an answer */
  readonly timeout: number
  readonly logger: FastifyBaseLogger
}

type NodeVerdict = Extract<Verdict, { kind: 'node' }>

/** Answers requests for documents of other nodes. */
export class Forwarder {
  readonly #options: ForwarderOptions

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  /** `onFail` may have a better problem than the usual one where no answer came about. */
  forward(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict,
    onFail?: (error: unknown) => Problem | undefined
  ): void {
    const { finder, pseudonym, server, timeout, logger } = this.#options
    const { target, path, form } = verdict
    const node = formatAddress(target.address)
    const method = request.method ?? 'GET'
    const relay = new Relay(response, {
      place: { form, prefix: `/${node}`, pseudonym, server },
      onFail: error => {
        logger.info({ err: error, node, path }, 'a document of another node cannot be shown')
        const problem = onFail?.(error) ?? nodeProblem(error, askedOf(request, verdict))

        sendProblem(request, response, problem, server)
      },
      onCut: error => {
        logger.warn(
          { err: error, node, path },
          'the answer of another node broke off; the client’s connection is cut'
        )
      }
    })
    const exchange = new Exchange(
      {
        target,
        method,
        path,
        fields: requestFields(
          {
            rawHeaders: request.rawHeaders,
            connection: request.headers.connection,
            via: request.headers.via,
            version: request.httpVersion
          },
          form,
          pseudonym
        ),
        body: contentOf(request, response),
        timeout
      },
      finder,
      relay
    )

    relay.attach(exchange)
    exchange.run()
  }
}

function contentOf(request: IncomingMessage, response: ServerResponse): ReturnType<typeof bodyOf> {
  const body = bodyOf(request)

  if (body !== undefined) {
    askForContent(request, response)
  }

  return body
}

function askedOf(request: IncomingMessage, { form, host, path }: NodeVerdict): Asked {
  return {
    form,
    scheme: 'encrypted' in request.socket ? 'https' : 'http',
    port: parseAuthority(host)?.port,
    path
  }
}
