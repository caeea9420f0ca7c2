import type { IncomingHttpHeaders } from 'node:http'

/** Where the answer of another node goes. */
export interface Sink {
  /** A status below 200, before the answer. */
  interim?(status: number, headers: IncomingHttpHeaders): void
  start(status: number, headers: IncomingHttpHeaders): void
  /** False where the sink wants no more until it calls `resume` of the exchange. */
  write(chunk: Buffer): boolean
  end(trailers?: IncomingHttpHeaders): void
  /** No answer came about. */
  fail(error: unknown): void
  /** The answer broke off in the middle; the receiver must not take it for whole. */
  cut(error: Error): void
}
