import type { IncomingMessage, ServerResponse } from 'node:http'

// RFC 9110 section 9.2.1
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Which requests of a pipeline wait for those before them: all are answered at once only while all are safe (RFC 9112 section 9.3.2). */
export class Order {
  /** Connections on which something may be changed. */
  readonly #changing = new WeakSet<IncomingMessage['socket']>()

  mustWait({ method = '', socket }: IncomingMessage, response: ServerResponse): boolean {
    if (method !== 'GET' && !SAFE.has(method)) {
      this.#changing.add(socket)
    }

    return response.socket === null && this.#changing.has(socket)
  }
}
