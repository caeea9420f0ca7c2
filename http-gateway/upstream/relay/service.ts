import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { answerFields, type AnswerPlace } from '../header-fields.ts'
import type { Exchange } from '../exchange/service.ts'
import type { Sink } from '../exchange/sink.ts'

export interface RelayOptions {
  readonly place: AnswerPlace
  /** The answer did not come about. */
  readonly onFail: (error: unknown) => void
  /** The answer broke off after it had begun. */
  readonly onCut: (error: Error) => void
}

// How much of an answer waits here for a slow client, in bytes. Stops and starts cost more than the memory: each makes TLS join and copy what has come.
const PAUSE_AT = 512 * 1024

/** Hands the answer of another node to a client at the client’s speed. */
export class Relay implements Sink {
  readonly #response: ServerResponse
  readonly #options: RelayOptions

  #exchange: Exchange | undefined
  /** Bytes of the body that are still to come. */
  #left = Infinity
  #last: Buffer | undefined
  #isGathering = false

  constructor(response: ServerResponse, options: RelayOptions) {
    this.#response = response
    this.#options = options
  }

  attach(exchange: Exchange): void {
    this.#exchange = exchange
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) {
        exchange.cancel()
      }
    })
  }

  start(status: number, headers: IncomingHttpHeaders): void {
    const length = headers['content-length']

    this.#left = length === undefined ? Infinity : Number(length)
    this.#response.writeHead(status, answerFields(headers, this.#options.place))
  }

  write(chunk: Buffer): boolean {
    this.#left -= chunk.length

    // The end follows at once, and both go out together.
    if (this.#left === 0) {
      this.#last = chunk

      return true
    }

    this.#gather()

    this.#response.write(chunk)

    if (this.#response.writableLength < PAUSE_AT) {
      return true
    }

    this.#response.once('drain', () => this.#exchange?.resume())

    return false
  }

  end(): void {
    this.#response.end(this.#last)
  }

  /** TLS hands over 16 KiB at a time; what comes in one turn of the event loop goes out in one system call. */
  #gather(): void {
    if (!this.#isGathering) {
      this.#isGathering = true
      this.#response.cork()
      setImmediate(() => {
        this.#isGathering = false
        this.#response.uncork()
      })
    }
  }

  fail(error: unknown): void {
    this.#options.onFail(error)
  }

  cut(error: Error): void {
    const { req, socket } = this.#response

    this.#options.onCut(error)

    // A client of HTTP/1.0 takes the end of the connection for the end of the document, unless it is reset.
    if (req.httpVersionMinor === 0 && socket !== null && 'resetAndDestroy' in socket) {
      socket.resetAndDestroy()
    } else {
      this.#response.destroy()
    }
  }
}

/** The body of a request on its way to another node; apart from the request, whose connection is still needed for the answer. */
export function bodyOf(request: IncomingMessage): Readable | undefined {
  const { headers } = request

  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) {
    return undefined
  }

  const body = new PassThrough()

  request.pipe(body)
  request.once('close', () => {
    if (!request.complete) {
      body.destroy(new Error('The client broke off its request.'))
    }
  })

  return body
}
