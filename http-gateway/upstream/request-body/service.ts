import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'

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
