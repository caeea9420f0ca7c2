import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Resolution, Step } from '../../../discovery/index.ts'
import {
  AnswerError,
  CertificateMismatchError,
  GatewayTimeoutError,
  UnreachableError
} from '../../errors.ts'
import type { Target } from '../../hosts/host-table.ts'
import { ConnectFailure, explain } from '../connection/failure.ts'
import type { Peer } from '../peer/service.ts'
import type { Sink } from './sink.ts'

export interface Found {
  readonly resolution: Resolution
  readonly peer: Peer
}

/** How an exchange finds the node that it is with. */
export interface Finder {
  /** What was found a moment ago. */
  recall(target: Target): Found | undefined
  find(target: Target, options: { signal: AbortSignal; fresh: boolean }): Promise<Found>
}

export interface ExchangeRequest {
  readonly target: Target
  readonly method: string
  readonly path: string
  readonly fields: string[]
  readonly body: Readable | undefined
  /** ms until the first byte of the answer */
  readonly timeout: number
}

// More hints than one page has use for.
const MAX_INTERIM = 16

const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS'])

/** One request to another node: finds it, asks it, and hands the answer on as it comes. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest
  readonly #finder: Finder
  readonly #sink: Sink
  readonly #timer: NodeJS.Timeout
  #search: AbortController | undefined
  #controller: Dispatcher.DispatchController | undefined
  #found: Found | undefined
  #triedFresh = false
  #repeated = false
  #interim = 0
  #state: 'waiting' | 'answering' | 'over' = 'waiting'

  constructor(request: ExchangeRequest, finder: Finder, sink: Sink) {
    this.#request = request
    this.#finder = finder
    this.#sink = sink
    this.#timer = setTimeout(() => this.#timeOut(), request.timeout)
  }

  get found(): Found | undefined {
    return this.#found
  }

  /** What was tried so far, the connection included. */
  get trail(): Step[] {
    return [...(this.#found?.resolution.trail ?? []), ...(this.#found?.peer.steps ?? [])]
  }

  run(): void {
    const known = this.#finder.recall(this.#request.target)

    if (known === undefined) {
      void this.#seek(false)
    } else {
      this.#ask(known)
    }
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** The receiver has gone: nothing more is told to it. */
  cancel(): void {
    this.#finish()
    this.#search?.abort()
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

    if (status < 200) {
      this.#hearInterim(status, headers)

      return
    }

    this.#state = 'answering'
    clearTimeout(this.#timer)
    this.#sink.start(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'answering' && !this.#sink.write(chunk)) {
      controller.pause()
    }
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#state === 'answering') {
      this.#finish()
      this.#sink.end(trailers)
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    switch (this.#state) {
      case 'over':
        return
      case 'answering':
        this.#finish()
        this.#sink.cut(error)
        return
      case 'waiting':
        this.#recover(error)
    }
  }

  /** A node that sends hints without end is heard for as long as it has to answer, and no more of them are passed on than this. */
  #hearInterim(status: number, headers: IncomingHttpHeaders): void {
    this.#interim++

    if (this.#interim <= MAX_INTERIM) {
      this.#sink.interim?.(status, headers)
    }
  }

  #recover(error: Error): void {
    const { method, body } = this.#request

    if (error instanceof ConnectFailure) {
      if (this.#triedFresh || this.#found?.resolution.source === 'self') {
        this.#fail(this.#connectError(error))
      } else {
        void this.#seekNewer(error)
      }
    } else if (
      // A connection that was kept may be closed by the other end just when it is used again (RFC 9112 section 9.3.1).
      !this.#repeated &&
      this.#found !== undefined &&
      body === undefined &&
      SAFE_TO_REPEAT.has(method) &&
      isClosedConnection(error)
    ) {
      this.#repeated = true
      this.#ask(this.#found)
    } else {
      this.#fail(this.#answerError(error))
    }
  }

  async #seek(fresh: boolean): Promise<void> {
    try {
      const found = await this.#find(fresh)

      this.#triedFresh = found.resolution.source === 'dht'
      this.#ask(found)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The record may be older than the node's present addresses. */
  async #seekNewer(failure: ConnectFailure): Promise<void> {
    const before = this.#found
    const newer = await this.#find(true).catch(() => undefined)

    this.#triedFresh = true

    if (newer !== undefined && newer.resolution.record.seq > (before?.resolution.record.seq ?? 0)) {
      this.#ask(newer)
    } else {
      this.#fail(this.#connectError(failure))
    }
  }

  async #find(fresh: boolean): Promise<Found> {
    this.#search ??= new AbortController()

    return this.#finder.find(this.#request.target, { signal: this.#search.signal, fresh })
  }

  #ask(found: Found): void {
    if (this.#state === 'over') {
      return
    }

    const { method, path, fields, body } = this.#request

    this.#found = found
    found.peer.pool.dispatch(
      {
        method: method,
        path,
        headers: fields,
        body: body ?? null,
        // undici gives up the connection after each HEAD, for fear of servers that send a body.
        ...(method === 'HEAD' ? { reset: false } : {})
      },
      this
    )
  }

  #timeOut(): void {
    const { target, timeout } = this.#request
    const step: Step =
      this.#found === undefined
        ? { step: 'record', outcome: 'failed', detail: `No record within ${timeout} ms.` }
        : { step: 'answer', outcome: 'failed', detail: `No answer within ${timeout} ms.` }
    const error = new GatewayTimeoutError(target.address, timeout, [...this.trail, step])

    this.#fail(error)
    this.#search?.abort(error)
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

  #connectError(failure: ConnectFailure): Error {
    const { address } = this.#request.target
    const trail = [...(this.#found?.resolution.trail ?? []), ...failure.steps]
    const Kind = failure.isCertificate ? CertificateMismatchError : UnreachableError

    return new Kind(address, trail, { cause: failure })
  }

  #answerError(error: Error): Error {
    const { target, timeout } = this.#request
    const trail: Step[] = [
      ...this.trail,
      { step: 'answer', outcome: 'failed', detail: `It gave no answer: ${explain(error)}.` }
    ]

    return codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT'
      ? new GatewayTimeoutError(target.address, timeout, trail)
      : new AnswerError(target.address, trail, { cause: error })
  }
}

function isClosedConnection(error: Error): boolean {
  const code = codeOf(error)

  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}
