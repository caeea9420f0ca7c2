import type { IncomingMessage, ServerResponse } from 'node:http'

interface Pipeline {
  waiting: number
}

/** Requests that wait for the answers before them on their connection: the parser reads a thousand before the first answer can go. */
export class Pipelines {
  readonly #max: number
  readonly #bySocket = new WeakMap<IncomingMessage['socket'], Pipeline>()
  #waiting = 0

  /** @param max over all connections */
  constructor(max: number) {
    this.#max = max
  }

  /** False where too many wait already and the connection was cut, as it may be at any time (RFC 9112 section 9.5). */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (response.socket !== null) {
      return true
    }

    if (this.#waiting >= this.#max) {
      socket.destroy()

      return false
    }

    const pipeline = this.#pipelineOf(socket)

    pipeline.waiting += 1
    this.#waiting += 1
    response.once('socket', () => {
      pipeline.waiting -= 1
      this.#waiting -= 1
    })

    return true
  }

  #pipelineOf(socket: IncomingMessage['socket']): Pipeline {
    const known = this.#bySocket.get(socket)

    if (known !== undefined) {
      return known
    }

    const pipeline = { waiting: 0 }

    this.#bySocket.set(socket, pipeline)
    socket.once('close', () => {
      this.#waiting -= pipeline.waiting
    })

    return pipeline
  }
}
