import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { HttpCache } from '../../cache/service.ts'
import { without } from '../../cache/fields.ts'
import type { StoredResponse } from '../../cache/stored-response.ts'
import type { FastAnswer } from '../../front/fast/connection/service.ts'
import type { PlainFields, PlainRequest } from '../../front/fast/request.ts'
import { answerHead, readFields } from '../answer-head.ts'
import { finished } from '../finished.ts'

export interface HotOptions {
  readonly cache: HttpCache
  readonly pseudonym: string
  /** For answers that name no server. */
  readonly server: string
}

interface Rendered extends FastAnswer {
  readonly fields: PlainFields
  readonly method: string
  /** Until the age of the answer is another, in ms since the epoch. */
  readonly until: number
}

const SECOND = 1000

// Of answers in one piece, all together; a larger one than the second goes another way, which does not copy it.
const MAX_RENDERED = 4 * 1024 * 1024
const MAX_BODY = 64 * 1024

/** Stored answers to plain requests, as they go over the wire: within a second, one to the same question is the same. */
export class HotAnswers {
  readonly #options: HotOptions
  readonly #headers = new WeakMap<PlainFields, IncomingHttpHeaders>()
  readonly #rendered = new LRUCache<StoredResponse, Rendered>({
    maxSize: MAX_RENDERED,
    sizeCalculation: ({ bytes }) => bytes.length
  })

  constructor(options: HotOptions) {
    this.#options = options
  }

  answer(url: string, { method, fields }: PlainRequest): FastAnswer | undefined {
    const headers = this.#headersOf(fields)
    const now = Date.now()
    const stored = this.#options.cache.fresh({ method, space: 'behind', url, headers }, now)

    // Those who watch the answers given here take them for 200.
    if (stored?.status !== 200 || stored.body.length > MAX_BODY) {
      return undefined
    }

    const known = this.#rendered.get(stored)

    if (
      known !== undefined &&
      known.fields === fields &&
      known.method === method &&
      now < known.until
    ) {
      this.#options.cache.countHit()

      return known
    }

    const rendered = this.#render(stored, fields, { method, headers }, now)

    if (rendered !== undefined) {
      this.#rendered.set(stored, rendered)
      this.#options.cache.countHit()
    }

    return rendered
  }

  #render(
    stored: StoredResponse,
    fields: PlainFields,
    asked: { readonly method: string; readonly headers: IncomingHttpHeaders },
    now: number
  ): Rendered | undefined {
    const { cache, pseudonym, server } = this.#options
    const answer = cache.answer(stored, asked, now)

    if (answer === undefined) {
      return undefined
    }

    const own = finished(
      without(answer.fields, name => name === 'surrogate-control'),
      pseudonym,
      server
    )
    const head = Buffer.from(answerHead(answer.status, own), 'latin1')
    const { received, initialAge } = stored.freshness
    const age = initialAge * SECOND + now - received
    return {
      bytes: Buffer.concat([head, answer.body]),
      contentLength: answer.body.length,
      fields,
      method: asked.method,
      until: now + SECOND - (age % SECOND)
    }
  }

  #headersOf(fields: PlainFields): IncomingHttpHeaders {
    const known = this.#headers.get(fields)

    if (known !== undefined) {
      return known
    }

    const headers = readFields(fields.text)

    this.#headers.set(fields, headers)

    return headers
  }
}
