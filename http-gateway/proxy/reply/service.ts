import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Flow, Receiver } from '../../cache/exchange.ts'
import type { Fields } from '../../cache/fields.ts'
import { takesTrailers } from '../request-fields.ts'

export interface ReplyOptions {
  /** The fields as this client gets them. */
  readonly finish: (fields: Fields) => string[]
  /** No answer came about. */
  readonly onFail: (error: unknown) => void
  /** The answer broke off after it had begun. */
  readonly onCut: (error: Error) => void
}

// How much of an answer waits here for a slow client, in bytes.
const PAUSE_AT = 512 * 1024

/** A client that waits for an answer, which it gets at its own speed. */
export class Reply implements Receiver {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: ReplyOptions
  #flow: Flow | undefined
  #isWatched = false
  #isPaused = false
  #isGathering = false

  constructor(request: IncomingMessage, response: ServerResponse, options: ReplyOptions) {
    this.#request = request
    this.#response = response
    this.#options = options
  }

  attach(flow: Flow): void {
    this.#flow = flow

    if (this.#isWatched) {
      return
    }

    this.#isWatched = true
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) {
        this.#flow?.cancel()
      }
    })
  }

  interim(status: number, fields: Fields): void {
    // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
    if (this.#request.httpVersionMinor === 0 || this.#response.headersSent) {
      return
    }

    if (status === 102) {
      this.#response.writeProcessing()
    } else if (status === 103) {
      this.#hint(fields)
    }
  }

  reply(status: number, fields: Fields, body: Buffer): void {
    this.#response.writeHead(status, this.#options.finish(fields))
    this.#response.end(body)
  }

  start(status: number, fields: Fields): void {
    this.#response.writeHead(status, this.#options.finish(fields))
  }

  write(chunk: Buffer): boolean {
    this.#gather()

    if (this.#response.write(chunk) || this.#response.writableLength < PAUSE_AT) {
      return true
    }

    if (!this.#isPaused) {
      this.#isPaused = true
      this.#response.once('drain', () => {
        this.#isPaused = false
        this.#flow?.resume()
      })
    }

    return false
  }

  end(trailers: Fields): void {
    if (trailers.length > 0 && takesTrailers(this.#request.headers)) {
      this.#response.addTrailers(pairs(trailers))
    }

    this.#response.end()
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

  #hint(fields: Fields): void {
    const hints: Record<string, string | string[]> = {}

    for (const [name, value] of pairs(fields)) {
      const before = hints[name]

      hints[name] = before === undefined ? value : [before, value].flat()
    }

    try {
      this.#response.writeEarlyHints(hints)
    } catch {
      // Node sends no Link that it cannot read; the answer itself loses nothing by it.
    }
  }

  /** TLS hands over 16 KiB at a time; what comes in one turn of the event loop goes out in one system call. */
  #gather(): void {
    const { socket } = this.#response

    if (socket !== null && !this.#isGathering) {
      this.#isGathering = true
      socket.cork()
      setImmediate(() => {
        this.#isGathering = false
        socket.uncork()
      })
    }
  }
}

function pairs(fields: Fields): [string, string][] {
  const list: [string, string][] = []

  for (let index = 0; index < fields.length; index += 2) {
    list.push([fields[index] ?? '', fields[index + 1] ?? ''])
  }

  return list
}
