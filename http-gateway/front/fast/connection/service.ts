import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { PlainReader, PlainRequest } from '../request.ts'

/** An answer as it goes over the wire. */
export interface FastAnswer {
  readonly bytes: Buffer
  /** Of `bytes`, the content. */
  readonly contentLength: number
}

/** An answer has been written; `isWhole` is false where the connection ended before it had left. */
export type OnAnswered = (
  socket: Socket,
  request: PlainRequest,
  answer: FastAnswer,
  begun: number,
  isWhole: boolean
) => void

/** An answer was handed to the system, which took so many ms. */
export type OnSent = (request: PlainRequest, answer: FastAnswer, milliseconds: number) => void

export interface ConnectionOptions {
  readonly reader: PlainReader
  /** undefined for what it has no answer to at hand. */
  readonly answer: (request: PlainRequest, socket: Socket) => FastAnswer | undefined
  /** Who wants to be told of answers, if anybody does at present. */
  readonly observer: () => OnAnswered | undefined
  /** Who only counts them. */
  readonly counter: () => OnSent | undefined
  /** For a client that does not read its answers, in ms. */
  readonly idleTimeout: number
}

export type Parse = (chunk: Buffer) => void

// What may wait for a client that does not read before its next requests wait too, in bytes; above the largest file in memory, since over TLS
// every answer waits for a moment.
const MAX_WAITING = 128 * 1024

const CR = 13
const LF = 10

/** A connection whose bytes are looked at before the parser gets them. */
export class Connection {
  readonly #socket: Socket
  readonly #parse: Parse
  readonly #options: ConnectionOptions
  /** The last answer to a request that the parser read, until both are over; the timeout for a first request is the parser’s. */
  #last: ServerResponse | 'first' | undefined = 'first'
  #endsWithHead = false

  constructor(socket: Socket, parse: Parse, options: ConnectionOptions) {
    this.#socket = socket
    this.#parse = parse
    this.#options = options

    // Removed by its own name first, since the wrapper of a listener bears that name, too: so it goes when the connection becomes something else.
    socket.removeListener('data', parse)
    socket.on(
      'data',
      Object.assign((chunk: Buffer) => this.#read(chunk), { listener: parse })
    )
  }

  /** To be told of every request that the parser reads. */
  note(response: ServerResponse): void {
    this.#last = response
    response.once('close', () => {
      if (this.#last === response && response.req.complete) {
        this.#last = undefined
      }
    })
  }

  #read(chunk: Buffer): void {
    // A parser that has read every request to its end is between two of them where the bytes end as a head does.
    const at = this.#last === undefined && this.#endsWithHead ? this.#answerAll(chunk) : 0

    if (at < chunk.length) {
      this.#endsWithHead = endsWithHead(chunk)
      this.#parse(at === 0 ? chunk : chunk.subarray(at))
    }
  }

  /** Where the bytes begin that are left to the parser. */
  #answerAll(chunk: Buffer): number {
    const text = chunk.toString('latin1')
    let at = 0

    while (at < chunk.length && this.#socket.writable) {
      const request = this.#options.reader.read(text, at)
      const answer = request === undefined ? undefined : this.#options.answer(request, this.#socket)

      if (request === undefined || answer === undefined) {
        break
      }

      at = request.end
      this.#send(request, answer)

      if (this.#socket.writableLength > MAX_WAITING) {
        this.#wait(chunk.subarray(at))

        return chunk.length
      }
    }

    return at
  }

  #send(request: PlainRequest, answer: FastAnswer): void {
    const onAnswered = this.#options.observer()

    if (onAnswered === undefined) {
      this.#sendCounted(request, answer)

      return
    }

    const begun = performance.now()

    this.#socket.write(answer.bytes, error => {
      onAnswered(this.#socket, request, answer, begun, error == null)
    })
  }

  #sendCounted(request: PlainRequest, answer: FastAnswer): void {
    const onSent = this.#options.counter()
    const begun = onSent === undefined ? 0 : performance.now()

    this.#socket.write(answer.bytes)
    onSent?.(request, answer, performance.now() - begun)
  }

  /** Reads on when everything that was written has left. */
  #wait(rest: Buffer): void {
    const socket = this.#socket
    const { timeout = 0 } = socket

    socket.pause()
    socket.setTimeout(this.#options.idleTimeout)

    if (rest.length > 0) {
      socket.unshift(rest)
    }

    socket.write('', () => {
      socket.setTimeout(timeout)
      socket.resume()
    })
  }
}

function endsWithHead(chunk: Buffer): boolean {
  const { length } = chunk

  return (
    chunk[length - 1] === LF &&
    chunk[length - 2] === CR &&
    chunk[length - 3] === LF &&
    chunk[length - 4] === CR
  )
}
