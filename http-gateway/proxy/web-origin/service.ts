import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Flow, Origin, OriginRequest, Sink } from '../../cache/exchange.ts'
import type { Fields } from '../../cache/fields.ts'
import { explain } from '../../upstream/connection/failure.ts'
import {
  ForbiddenTargetError,
  OriginAnswerError,
  OriginTimeoutError,
  OriginUnreachableError
} from '../errors.ts'
import { endToEnd, trailerFields } from '../hop-by-hop.ts'
import type { ProxyLimits } from '../settings.ts'

export interface WebOriginOptions {
  /** Scheme, name and port. */
  readonly origin: string
  /** Connections to it; undici is loaded when the first is needed. */
  readonly dispatcher: () => Promise<Dispatcher>
  readonly limits: ProxyLimits
  /** The fields of an answer as readers of this node know them. */
  readonly translate: (fields: string[]) => Fields
}

// RFC 9112 section 7.2: those that change the content, and that only a TE field may ask for.
const CODING = /(?:^|,)\s*(?:x-)?(?:gzip|deflate|compress)\b/i

const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** A web server as an origin for the cache. */
export class WebOrigin implements Origin {
  readonly #options: WebOriginOptions

  constructor(options: WebOriginOptions) {
    this.#options = options
  }

  send(request: OriginRequest, sink: Sink): Flow {
    const exchange = new WebExchange(request, sink, this.#options)

    exchange.run()

    return exchange
  }
}

class WebExchange implements Dispatcher.DispatchHandler, Flow {
  readonly #request: OriginRequest
  readonly #sink: Sink
  readonly #options: WebOriginOptions
  readonly #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | undefined
  #dispatcher: Dispatcher | undefined
  #interim = 0
  #isRepeated = false
  #state: 'waiting' | 'answering' | 'over' = 'waiting'

  constructor(request: OriginRequest, sink: Sink, options: WebOriginOptions) {
    this.#request = request
    this.#sink = sink
    this.#options = options
    this.#timer = setTimeout(() => {
      this.#giveUp(new OriginTimeoutError(options.origin, options.limits.answerTimeout))
    }, options.limits.answerTimeout)
  }

  run(): void {
    void this.#begin()
  }

  resume(): void {
    this.#controller?.resume()
  }

  cancel(): void {
    this.#finish()
    this.#controller?.abort(new Error('The client has gone.'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller

    if (this.#state === 'over') {
      controller.abort(new Error('The client has gone.'))
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders
  ): void {
    if (this.#state === 'over') {
      return
    }

    const fields = endToEnd(headers)

    if (fields === undefined) {
      this.#giveUp(this.#unusable('a header field has characters that no field may have'))
    } else if (isCoded(headers['transfer-encoding'])) {
      // RFC 9112 section 6.1: the coding would go on with the content, and nobody would know of it.
      this.#giveUp(this.#unusable('it has a transfer coding that this node does not decode'))
    } else if (status < 200) {
      this.#hearInterim(status, fields)
    } else {
      clearTimeout(this.#timer)
      this.#state = 'answering'
      this.#sink.start(status, this.#options.translate(fields))
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'answering' && !this.#sink.write(chunk)) {
      controller.pause()
    }
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#state === 'answering') {
      this.#finish()
      this.#sink.end(trailerFields(trailers))
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { method, body } = this.#request

    if (this.#state === 'answering') {
      this.#finish()
      this.#sink.cut(error)
    } else if (
      // A connection that was kept may be closed by the other end just when it is used again (RFC 9112 section 9.3.1).
      this.#state === 'waiting' &&
      !this.#isRepeated &&
      this.#interim === 0 &&
      body === undefined &&
      SAFE_TO_REPEAT.has(method) &&
      isClosedConnection(error) &&
      this.#dispatcher !== undefined
    ) {
      this.#isRepeated = true
      this.#dispatch(this.#dispatcher)
    } else {
      this.#fail(this.#errorOf(error))
    }
  }

  async #begin(): Promise<void> {
    try {
      this.#dispatcher = await this.#options.dispatcher()
      this.#dispatch(this.#dispatcher)
    } catch (error) {
      this.#fail(error)
    }
  }

  #dispatch(dispatcher: Dispatcher): void {
    const { method, path, fields, body } = this.#request

    if (this.#state === 'over') {
      return
    }

    dispatcher.dispatch(
      {
        origin: this.#options.origin,
        method,
        path,
        headers: [...fields],
        body: body ?? null,
        // undici gives up the connection after each HEAD, for fear of servers that send a body.
        ...(method === 'HEAD' ? { reset: false } : {})
      },
      this
    )
  }

  #hearInterim(status: number, fields: Fields): void {
    this.#interim++

    if (this.#interim > this.#options.limits.maxInterim) {
      this.#giveUp(this.#unusable('it consists of interim answers that do not end'))
    } else {
      this.#sink.interim(status, fields)
    }
  }

  #giveUp(error: Error): void {
    this.#fail(error)
    this.#controller?.abort(error)
  }

  #fail(error: unknown): void {
    if (this.#state !== 'over') {
      this.#finish()
      this.#sink.fail(error)
    }
  }

  #finish(): void {
    this.#state = 'over'
    clearTimeout(this.#timer)
  }

  #unusable(reason: string): Error {
    return new OriginAnswerError(this.#options.origin, reason)
  }

  #errorOf(error: Error): Error {
    const { origin, limits } = this.#options
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''

    if (error instanceof ForbiddenTargetError || error instanceof OriginUnreachableError) {
      return error
    }

    if (code === 'UND_ERR_HEADERS_TIMEOUT') {
      return new OriginTimeoutError(origin, limits.answerTimeout)
    }

    return this.#controller === undefined
      ? new OriginUnreachableError(origin, explain(error), { cause: error })
      : new OriginAnswerError(origin, explain(error), { cause: error })
  }
}

function isCoded(coding: string | string[] | undefined): boolean {
  return coding !== undefined && CODING.test(String(coding))
}

function isClosedConnection(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined

  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}
