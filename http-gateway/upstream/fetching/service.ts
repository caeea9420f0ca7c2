import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { Step } from '../../../discovery/index.ts'
import { Exchange, type ExchangeRequest, type Finder } from '../exchange/service.ts'
import type { Sink } from '../exchange/sink.ts'

export interface FetchOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Show this node's certificate, so that a service of the other knows who asks; it goes to the other node itself, too, and only over TLS. */
  readonly identify?: boolean | undefined
  /** Goes to the other node itself, whatever stands in between. */
  readonly content?: Uint8Array
}

/** The answer of another node for a program. */
export interface UpstreamResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Fails where the answer breaks off; destroy it to break off yourself. */
  readonly body: Readable
  readonly trail: readonly Step[]
}

/** One request to another node, its answer as a stream. */
export async function fetchFrom(
  finder: Finder,
  request: ExchangeRequest,
  signal: AbortSignal | undefined
): Promise<UpstreamResponse> {
  signal?.throwIfAborted()

  const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>()
  const body = new Readable({
    read: () => exchange.resume(),
    destroy: (error, callback) => {
      exchange.cancel()
      callback(error)
    }
  })
  const sink: Sink = {
    start: (status, headers) => {
      resolve({
        status,
        headers,
        body,
        trail: [...exchange.trail, { step: 'answer', outcome: 'ok', detail: `Status ${status}.` }]
      })
    },
    write: chunk => body.push(chunk),
    end: () => void body.push(null),
    fail: reject,
    cut: error => void body.destroy(error)
  }
  const exchange = new Exchange(request, finder, sink)
  const onAbort = (): void => {
    const reason: unknown = signal?.reason

    reject(reason)
    body.destroy(reason instanceof Error ? reason : new Error('aborted'))
  }

  // Whoever reads is told; where nobody reads yet, or any more, the promise or nobody is.
  body.on('error', () => undefined)
  signal?.addEventListener('abort', onAbort, { once: true })
  body.once('close', () => signal?.removeEventListener('abort', onAbort))
  exchange.run()

  return promise
}
