import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { cacheControlFor } from '../caching.ts'
import { HandlerError } from '../errors.ts'
import type { Handler, HandlerRequest } from '../handler.ts'

/** What a program must not set: the framing of the answer is the server’s. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
])

export interface Run {
  readonly path: string
  readonly handler: Handler
  /** ms until the answer begins */
  readonly timeout: number
  readonly onLate: () => void
}

/**
 * Runs a handler and sends what it returns.
 *
 * @throws what the handler throws
 */
export async function run(
  { path, handler, timeout, onLate }: Run,
  request: HandlerRequest,
  reply: FastifyReply
): Promise<void> {
  const timer = setTimeout(() => {
    if (!reply.raw.headersSent) onLate()
  }, timeout)

  reply.raw.once('close', () => clearTimeout(timer))

  const result = handler(request, reply)
  // A reply is a promise of its own end.
  const value = result === reply ? reply : await result

  if (!reply.sent && value !== reply) {
    answer(path, handler, value, reply)
  }
}

function answer(path: string, handler: Handler, result: unknown, reply: FastifyReply): void {
  if (result === undefined) {
    if (handler.length < 2) void reply.code(204).send()
  } else if (result instanceof Response) {
    sendResponse(result, reply)
  } else if (isStream(result)) {
    typed(reply, 'application/octet-stream')
    void reply.send(result instanceof ReadableStream ? result : Readable.from(result))
  } else if (typeof result === 'string' || result instanceof Uint8Array) {
    void reply.send(result)
  } else if (result instanceof Error) {
    throw result
  } else {
    sendJson(path, result, reply)
  }
}

/** Sets the fields that a handler has left to us; for a hook before an answer is sent. */
export function complete(reply: FastifyReply): void {
  const cacheControl = cacheControlFor(name => reply.hasHeader(name))

  if (cacheControl !== undefined) {
    void reply.header('Cache-Control', cacheControl)
  }

  if (!reply.hasHeader('x-content-type-options')) {
    void reply.header('X-Content-Type-Options', 'nosniff')
  }
}

function sendResponse(response: Response, reply: FastifyReply): void {
  void reply.code(response.status)

  for (const [name, value] of response.headers) {
    if (!FRAMING.has(name)) void reply.header(name, value)
  }

  void reply.send(response.body ?? '')
}

function sendJson(path: string, value: unknown, reply: FastifyReply): void {
  const text: unknown = JSON.stringify(value)

  if (typeof text !== 'string') {
    throw new HandlerError(path, `it returned a ${typeof value}, which no answer can be made from`)
  }

  typed(reply, 'application/json; charset=utf-8')
  void reply.send(text)
}

function typed(reply: FastifyReply, type: string): void {
  if (!reply.hasHeader('content-type')) {
    void reply.type(type)
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> | ReadableStream {
  return (
    value instanceof ReadableStream ||
    (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
  )
}
