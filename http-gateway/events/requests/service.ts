import type { IncomingMessage, ServerResponse } from 'node:http'
import { contentBytes } from '../content-length.ts'
import type { AnswerSent, Server } from '../messages.ts'
import type { Events } from '../service.ts'
import { clientOf } from '../transport.ts'

/** A request that is being answered, and will be told of. */
export class Observation {
  /** What answers it, once that is known. */
  server: Server = 'refusal'
  readonly #events: Events
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  // The address is gone when the connection is.
  readonly #client: ReturnType<typeof clientOf>
  readonly #at = Date.now()
  readonly #begun = performance.now()
  readonly #bytesBefore: number

  constructor(events: Events, request: IncomingMessage, response: ServerResponse) {
    this.#events = events
    this.#request = request
    this.#response = response
    this.#client = clientOf(request.socket)
    this.#bytesBefore = bytesWritten(request)
    response.once('close', () => this.#tell())
  }

  #tell(): void {
    const { method = '' } = this.#request
    const { statusCode: status, writableFinished: isWhole } = this.#response
    const head = headOf(this.#response)
    const sent = bytesWritten(this.#request) - this.#bytesBefore
    const answer = {
      method,
      status,
      bytes: contentBytes({ method, status, head, isWhole, sent }),
      milliseconds: performance.now() - this.#begun,
      isWhole,
      server: this.server
    }

    this.#events.tell('answer', answer, this.#at)

    if (this.#events.wants('request')) {
      this.#tellRequest(answer)
    }
  }

  #tellRequest(answer: AnswerSent): void {
    const { url = '', httpVersion, headers } = this.#request
    const details = {
      ...answer,
      ...this.#client,
      target: url,
      version: httpVersion,
      host: headers.host,
      from: headers.from,
      referer: headers.referer,
      userAgent: headers['user-agent']
    }

    this.#events.tell('request', details, this.#at)
  }
}

/** Streams of libp2p and of tests do not count. */
function bytesWritten({ socket }: IncomingMessage): number {
  const written: unknown = Reflect.get(socket, 'bytesWritten')

  return typeof written === 'number' ? written : 0
}

function headOf(response: ServerResponse): string {
  // Node keeps what it sent and offers no other way to it.
  const head: unknown = Reflect.get(response, '_header')

  return typeof head === 'string' ? head : ''
}
