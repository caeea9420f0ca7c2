import type { IncomingHttpHeaders } from 'node:http'
import type {
  CacheRequest,
  Flow,
  Origin,
  OriginRequest,
  Receiver,
  Sink
} from '../../../http-gateway/cache/exchange.ts'
import { valueOf, type Fields } from '../../../http-gateway/cache/fields.ts'

/** An origin whose answers a test gives by hand. */
export class FakeOrigin implements Origin {
  readonly asked: { readonly request: OriginRequest; readonly sink: Sink }[] = []
  resumed = 0
  cancelled = 0
  #onAsked: (() => void) | undefined

  send(request: OriginRequest, sink: Sink): Flow {
    this.asked.push({ request, sink })
    this.#onAsked?.()

    return { resume: () => void this.resumed++, cancel: () => void this.cancelled++ }
  }

  /** What was asked last. */
  get last(): OriginRequest {
    return this.#at(-1).request
  }

  sink(index = -1): Sink {
    return this.#at(index).sink
  }

  answer(status: number, fields: Fields, body = '', index = -1): void {
    const sink = this.sink(index)

    sink.start(status, [...fields, 'content-length', String(body.length)])

    if (body !== '') {
      sink.write(Buffer.from(body))
    }

    sink.end([])
  }

  async whenAsked(): Promise<void> {
    return new Promise(resolve => {
      this.#onAsked = resolve
    })
  }

  #at(index: number): { readonly request: OriginRequest; readonly sink: Sink } {
    const one = this.asked.at(index)

    if (one === undefined) {
      throw new Error('the origin was not asked')
    }

    return one
  }
}

/** A client that writes down what it gets. */
export class FakeClient implements Receiver {
  status: number | undefined
  fields: Fields = []
  text = ''
  outcome: 'whole' | 'failed' | 'cut' | undefined
  error: unknown
  flow: Flow | undefined
  interims: number[] = []
  wantsMore = true

  attach(flow: Flow): void {
    this.flow = flow
  }

  interim(status: number): void {
    this.interims.push(status)
  }

  reply(status: number, fields: Fields, body: Buffer): void {
    this.start(status, fields)
    this.text = body.toString()
    this.outcome = 'whole'
  }

  start(status: number, fields: Fields): void {
    this.status = status
    this.fields = fields
  }

  write(chunk: Buffer): boolean {
    this.text += chunk.toString()

    return this.wantsMore
  }

  end(): void {
    this.outcome = 'whole'
  }

  fail(error: unknown): void {
    this.outcome = 'failed'
    this.error = error
  }

  cut(): void {
    this.outcome = 'cut'
  }

  field(name: string): string | undefined {
    return valueOf(this.fields, name)
  }
}

export function requestWith(
  headers: IncomingHttpHeaders = {},
  { method = 'GET', url = 'http://example.org/a' } = {}
): CacheRequest {
  return {
    method,
    space: 'web',
    url,
    headers,
    fields: Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
    path: new URL(url).pathname,
    isStored: true,
    isSurrogate: false,
    body: undefined
  }
}
