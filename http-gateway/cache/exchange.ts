import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Fields } from './fields.ts'
import type { Space } from './key.ts'

/** A request as it goes to an origin. */
export interface OriginRequest {
  readonly method: string
  readonly path: string
  /** Names and values in turn. */
  readonly fields: Fields
  readonly body: Readable | undefined
}

/** A response on its way, for the one who receives it. */
export interface Flow {
  /** Go on after `write` has returned false. */
  resume(): void
  /** Nobody wants the rest. */
  cancel(): void
}

/** Hears what comes of a request; fields in lower case and without those of the connection. */
export interface Sink {
  interim(status: number, fields: Fields): void
  start(status: number, fields: Fields): void
  /** False where no more is wanted until `resume`. */
  write(chunk: Buffer): boolean
  end(trailers: Fields): void
  /** No response came about. */
  fail(error: unknown): void
  /** The response broke off; nobody may take it for whole. */
  cut(error: Error): void
}

/** What answers requests that are not answered here: another node, or a web server. */
export interface Origin {
  send(request: OriginRequest, sink: Sink): Flow
}

/** A client that waits for a response. */
export interface Receiver extends Sink {
  /** A response that is here as a whole. */
  reply(status: number, fields: Fields, body: Buffer): void
  /** Says where the response comes from, as often as that changes. */
  attach(flow: Flow): void
}

/** A client's request as the cache judges it. */
export interface CacheRequest {
  readonly method: string
  readonly space: Space
  /** The effective URI. */
  readonly url: string
  /** As the client sent them. */
  readonly headers: IncomingHttpHeaders
  /** As they go to the origin, which also gets the path and the body. */
  readonly fields: Fields
  /** Its answer may be stored. */
  readonly isStored: boolean
  /** The cache stands before the origin by the will of its owner. */
  readonly isSurrogate: boolean
  readonly path: string
  readonly body: Readable | undefined
}
