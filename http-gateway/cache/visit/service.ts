import { forwardStatus, hitStatus, type Forwarded } from '../cache-status.ts'
import { isForOrigin, isKnownToReader } from '../conditions.ts'
import { NotStoredError } from '../errors.ts'
import type { CacheRequest, Origin, Receiver } from '../exchange.ts'
import { Fetch } from '../fetch/service.ts'
import type { Filling } from '../filling/service.ts'
import { Flight, type Landing } from '../flights.ts'
import { isFresh, secondsLeft } from '../freshness.ts'
import { keyOf } from '../key.ts'
import { wishesOf, type Wishes } from '../request-directives.ts'
import { judgeReuse, mayReplaceSilence } from '../reuse.ts'
import type { Shared } from '../shared.ts'
import { answerFrom, withStatus } from '../stored-answer.ts'
import type { StoredResponse } from '../stored-response.ts'
import { selects } from '../vary.ts'

/** One client's request: answered out of the store, along with another, or by its origin. */
export class Visit {
  readonly #shared: Shared
  readonly #request: CacheRequest
  readonly #origin: Origin
  readonly #receiver: Receiver
  readonly #wishes: Wishes
  readonly #key: string
  #hasWaited = false

  constructor(shared: Shared, request: CacheRequest, origin: Origin, receiver: Receiver) {
    this.#shared = shared
    this.#request = request
    this.#origin = origin
    this.#receiver = receiver
    this.#wishes = wishesOf(request.headers)
    this.#key = keyOf(request)
  }

  run(): void {
    const { method, headers, body, isStored } = this.#request
    // A GET with content may be answered by it, which no key names (RFC 9110 section 9.3.1).
    const isForStore = isStored && body === undefined && this.#shared.limits.budget > 0

    if (method !== 'GET' && method !== 'HEAD') {
      this.#ask('method')
    } else if (!isForStore || isForOrigin(headers)) {
      this.#ask('bypass')
    } else if (this.#wishes.noStore) {
      this.#ask('request')
    } else {
      this.#look()
    }
  }

  #look(): void {
    const found = this.#shared.store.find(this.#key, this.#request.headers)

    if (found === undefined || found === 'other') {
      this.#miss(found === undefined ? 'uri-miss' : 'vary-miss')

      return
    }

    const now = Date.now()
    const reuse = judgeReuse(found.freshness, this.#wishes, now)

    if (reuse === 'ask') {
      this.#miss(isFresh(found.freshness, now) ? 'request' : 'stale', found)
    } else if (!this.#reply(found, now)) {
      this.#miss('partial')
    } else if (reuse === 'behind') {
      this.#refreshBehind(found)
    }
  }

  #reply(stored: StoredResponse, now: number, detail?: string): boolean {
    const { method, headers } = this.#request
    const status = hitStatus(secondsLeft(stored.freshness, now), detail)
    const answer = answerFrom(stored, { method, headers, now, status, isConfirmed: false })

    if (answer === undefined) {
      return false
    }

    this.#shared.counts.hits++
    this.#receiver.reply(answer.status, answer.fields, answer.body)

    return true
  }

  #miss(why: Forwarded, stored?: StoredResponse): void {
    const flight = this.#shared.flights.get(this.#key)

    if (this.#wishes.onlyIfCached) {
      this.#receiver.fail(new NotStoredError())
    } else if (!this.#mayShare(why)) {
      this.#ask(why, stored)
    } else if (flight === undefined) {
      this.#ask(why, stored, this.#fly())
    } else if (flight.filling !== undefined) {
      if (!this.#join(flight.filling, why)) {
        this.#ask(why, stored)
      }
    } else if (this.#hasWaited || flight.waiting >= this.#shared.limits.maxWaiting) {
      this.#ask(why, stored)
    } else {
      this.#wait(flight, why, stored)
    }
  }

  /** Whether requests like this one are answered alike. */
  #mayShare(why: Forwarded): boolean {
    const { method, headers } = this.#request

    return (
      method === 'GET' &&
      why !== 'request' &&
      headers.range === undefined &&
      headers.authorization === undefined &&
      !this.#shared.apart.has(this.#key)
    )
  }

  #fly(): Flight {
    const flight = new Flight()

    this.#shared.flights.set(this.#key, flight)

    return flight
  }

  #wait(flight: Flight, why: Forwarded, stored: StoredResponse | undefined): void {
    const stop = flight.await(landing => {
      clearTimeout(timer)
      this.#land(landing, why, stored)
    })
    const timer = setTimeout(() => {
      stop()
      this.#ask(why, stored)
    }, this.#shared.limits.maxWait)

    this.#hasWaited = true
    this.#receiver.attach({
      resume: () => undefined,
      cancel: () => {
        clearTimeout(timer)
        stop()
      }
    })
  }

  #land(landing: Landing, why: Forwarded, stored: StoredResponse | undefined): void {
    if (landing.kind === 'failed') {
      this.#fail(landing.error, stored)
    } else if (landing.kind === 'look' || !this.#join(landing.filling, why)) {
      this.#look()
    }
  }

  #fail(error: unknown, stored: StoredResponse | undefined): void {
    const now = Date.now()

    if (
      stored === undefined ||
      !mayReplaceSilence(stored.freshness, this.#wishes, now) ||
      !this.#reply(stored, now, 'origin-unreachable')
    ) {
      this.#receiver.fail(error)
    }
  }

  /** Reads along with another request, where its response answers this one too. */
  #join(filling: Filling, why: Forwarded): boolean {
    const { headers } = this.#request
    const { response } = filling
    const { status, fields, selector, language, freshness } = response

    if (
      !selects(selector, headers, language) ||
      judgeReuse(freshness, this.#wishes, Date.now()) !== 'use' ||
      isKnownToReader(headers, response, Date.now())
    ) {
      return false
    }

    filling.join(
      this.#receiver,
      status,
      withStatus(fields, forwardStatus({ fwd: why, collapsed: true }))
    )

    return true
  }

  #refreshBehind(stored: StoredResponse): void {
    if (!this.#shared.flights.has(this.#key)) {
      this.#fetch('stale', stored, this.#fly()).run(undefined)
    }
  }

  #ask(why: Forwarded, stored?: StoredResponse, flight?: Flight): void {
    this.#shared.counts.misses++
    this.#fetch(why, stored, flight).run(this.#receiver)
  }

  #fetch(why: Forwarded, stored?: StoredResponse, flight?: Flight): Fetch {
    return new Fetch(this.#shared, {
      request: this.#request,
      origin: this.#origin,
      wishes: this.#wishes,
      why,
      stored,
      flight
    })
  }
}
