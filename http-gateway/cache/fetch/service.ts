import { applyAnswer } from '../aftermath.ts'
import { forwardStatus, hitStatus, type Forwarded } from '../cache-status.ts'
import { isKnownToReader } from '../conditions.ts'
import type { CacheRequest, Flow, Origin, Receiver, Sink } from '../exchange.ts'
import type { Fields } from '../fields.ts'
import { Filling } from '../filling/service.ts'
import type { Flight, Landing } from '../flights.ts'
import { isFresh, secondsLeft } from '../freshness.ts'
import { keyOf } from '../key.ts'
import { lengthOf, partOf, withLength } from '../partial.ts'
import type { Wishes } from '../request-directives.ts'
import { mayReplaceError, mayReplaceSilence } from '../reuse.ts'
import { notModified } from '../selection.ts'
import type { Shared } from '../shared.ts'
import { isServerError } from '../statuses.ts'
import { mayStore } from '../storability.ts'
import { answerFrom, withStatus } from '../stored-answer.ts'
import { storedResponse, type StoredResponse } from '../stored-response.ts'
import { ruleOf } from '../targeted.ts'
import { confirmed } from '../update.ts'
import { canBeValidated, unconditional, validating } from '../validation.ts'

export interface FetchPlan {
  readonly request: CacheRequest
  readonly origin: Origin
  readonly wishes: Wishes
  readonly why: Forwarded
  /** What the origin is asked about, and what stands in for it. */
  readonly stored: StoredResponse | undefined
  /** Those who wait for the answer. */
  readonly flight: Flight | undefined
}

/** One request to an origin: its answer goes to the client, into the store, and to those who wait for it. */
export class Fetch implements Sink {
  readonly #shared: Shared
  readonly #plan: FetchPlan
  readonly #isValidating: boolean
  readonly #key: string
  #receiver: Receiver | undefined
  #flow: Flow | undefined
  #filling: Filling | undefined
  #hasLanded = false
  #isOver = false
  #sent = 0

  constructor(shared: Shared, plan: FetchPlan) {
    const { request, stored } = plan

    this.#shared = shared
    this.#plan = plan
    this.#key = keyOf(request)
    this.#isValidating = stored !== undefined && request.method === 'GET' && canBeValidated(stored)
  }

  /** `receiver` is undefined where only the store is to be renewed. */
  run(receiver: Receiver | undefined): void {
    const { request, origin } = this.#plan
    const { method, path, body } = request
    this.#receiver = receiver
    this.#sent = Date.now()
    receiver?.attach({
      resume: () => this.#flow?.resume(),
      cancel: () => this.#onGone()
    })

    try {
      this.#flow = origin.send({ method, path, fields: this.#fields(), body }, this)
    } catch (error) {
      this.fail(error)
    }
  }

  #fields(): Fields {
    const { request, stored } = this.#plan

    if (stored !== undefined && this.#isValidating) {
      return validating(request.fields, stored)
    }

    return this.#receiver === undefined ? unconditional(request.fields) : request.fields
  }

  interim(status: number, fields: Fields): void {
    this.#receiver?.interim(status, fields)
  }

  start(status: number, fields: Fields): void {
    const { stored, wishes } = this.#plan
    const received = Date.now()

    if (this.#isOver) {
      return
    }

    if (stored !== undefined && this.#isValidating && status === 304) {
      this.#confirm(stored, fields, received)
    } else if (
      stored !== undefined &&
      isServerError(status) &&
      mayReplaceError(stored.freshness, wishes, received) &&
      this.#replyStale(stored, `origin-status-${status}`)
    ) {
      this.#leave({ kind: 'look' })
    } else {
      applyAnswer(this.#shared.store, {
        ...this.#plan.request,
        stored,
        status,
        fields,
        times: { sent: this.#sent, received }
      })
      this.#pass(status, fields, received)
    }
  }

  write(chunk: Buffer): boolean {
    if (this.#isOver) {
      return true
    }

    this.#fill(chunk)

    // What is being stored comes at the speed of the origin, since it is bounded.
    return (this.#receiver?.write(chunk) ?? true) || this.#filling !== undefined
  }

  end(trailers: Fields): void {
    if (!this.#isOver) {
      this.#store(trailers)
      this.#receiver?.end(trailers)
      this.#finish({ kind: 'look' })
    }
  }

  fail(error: unknown): void {
    const { stored, wishes } = this.#plan

    if (this.#isOver) {
      return
    }

    if (
      stored === undefined ||
      !mayReplaceSilence(stored.freshness, wishes, Date.now()) ||
      !this.#replyStale(stored, 'origin-unreachable')
    ) {
      this.#receiver?.fail(error)
    }

    this.#finish({ kind: 'failed', error })
  }

  cut(error: Error): void {
    if (!this.#isOver) {
      this.#receiver?.cut(error)
      this.#filling?.cut(error)
      this.#filling = undefined
      this.#finish({ kind: 'look' })
    }
  }

  /** The stored response still holds. */
  #confirm(stored: StoredResponse, fields: Fields, received: number): void {
    const { why, flight } = this.#plan
    const { store } = this.#shared
    const renewed = confirmed(stored, fields, { sent: this.#sent, received })

    if (renewed === undefined) {
      // It confirms another response than the one that is here, so the origin is asked for the whole.
      this.#isOver = true
      store.remove(this.#key, stored)
      new Fetch(this.#shared, { ...this.#plan, stored: undefined, flight }).run(this.#receiver)

      return
    }

    store.replace(this.#key, stored, renewed)
    this.#reply(renewed, forwardStatus({ fwd: why, fwdStatus: 304 }), true)
    this.#finish({ kind: 'look' })
  }

  #pass(status: number, fields: Fields, received: number): void {
    const { request, why } = this.#plan

    this.#filling = this.#fillingFor(status, fields, received)
    this.#share()

    const told = withStatus(
      fields,
      forwardStatus({ fwd: why, stored: this.#filling !== undefined })
    )

    // The conditions of the client were replaced by those of the cache.
    if (this.#isValidating && isKnownToReader(request.headers, { status, fields }, received)) {
      this.#receiver?.reply(304, notModified(told), Buffer.alloc(0))
      this.#receiver = undefined

      if (this.#filling === undefined) {
        this.#leave({ kind: 'look' })
      }
    } else {
      this.#receiver?.start(status, told)
    }
  }

  #fillingFor(status: number, fields: Fields, received: number): Filling | undefined {
    const { request, wishes, why } = this.#plan
    const { method, url, headers, isSurrogate } = request
    const { limits, counts } = this.#shared
    const rule = ruleOf(fields, isSurrogate)
    const length = lengthOf(status, fields)

    if (
      why === 'bypass' ||
      wishes.noStore ||
      limits.budget === 0 ||
      (length ?? 0) > limits.maxResponse ||
      counts.filling + (length ?? 0) > limits.maxFilling ||
      (status === 206 && partOf(fields, length ?? -1) === undefined) ||
      !mayStore({ method, url, request: headers, status, response: fields, rule })
    ) {
      return undefined
    }

    const times = { sent: this.#sent, received }
    const response = storedResponse({ status, fields, rule, isSurrogate }, headers, times)
    const maxLength = limits.maxResponse

    return response === undefined
      ? undefined
      : new Filling({ response, length, maxLength, counts, onLeft: () => this.#leaveUnwanted() })
  }

  /** Lets those who wait read along, or go their own ways, as soon as it shows which. */
  #share(): void {
    const filling = this.#filling

    if (filling === undefined || !isFresh(filling.response.freshness, Date.now())) {
      this.#shareNothing()
    } else if (filling.isOpen) {
      this.#plan.flight?.share(filling)
    }
  }

  #shareNothing(): void {
    if (this.#plan.flight !== undefined) {
      this.#shared.apart.set(this.#key, true)
      this.#land({ kind: 'look' })
    }
  }

  #fill(chunk: Buffer): void {
    const { counts, limits } = this.#shared
    const filling = this.#filling

    if (filling === undefined) {
      return
    }

    const isWithin = filling.write(chunk)

    // Where others read along, its place was taken from the start.
    if (!isWithin || (!filling.isOpen && counts.filling > limits.maxFilling)) {
      filling.cut(new Error('The response has become too large to be stored.'))
      this.#filling = undefined
      this.#shareNothing()
    }
  }

  #store(trailers: Fields): void {
    if (this.#filling === undefined) {
      return
    }

    const { response } = this.#filling
    const body = this.#filling.end(trailers)

    this.#filling = undefined

    const part = response.status === 206 ? partOf(response.fields, body.length) : undefined

    // The answer to a POST is newer than the change that it made.
    if (response.status !== 206 || part !== undefined) {
      this.#shared.store.put(
        this.#key,
        { ...withLength(response, body), body, part },
        this.#plan.request.method === 'POST' ? Infinity : this.#sent
      )
    }
  }

  #replyStale(stored: StoredResponse, detail: string): boolean {
    return this.#reply(stored, hitStatus(secondsLeft(stored.freshness, Date.now()), detail), false)
  }

  #reply(stored: StoredResponse, status: string, isConfirmed: boolean): boolean {
    const { method, headers } = this.#plan.request
    const answer = answerFrom(stored, { method, headers, now: Date.now(), status, isConfirmed })

    if (answer !== undefined) {
      this.#receiver?.reply(answer.status, answer.fields, answer.body)
      this.#receiver = undefined
    }

    return answer !== undefined
  }

  #onGone(): void {
    this.#receiver = undefined
    this.#leaveUnwanted()
  }

  /** Without its client, the rest is fetched only while others read along or wait. */
  #leaveUnwanted(): void {
    const isAwaited = !this.#hasLanded && (this.#plan.flight?.waiting ?? 0) > 0

    if (this.#receiver === undefined && this.#filling?.hasReaders !== true && !isAwaited) {
      this.#leave({ kind: 'look' })
    }
  }

  #leave(landing: Landing): void {
    if (!this.#isOver) {
      this.#finish(landing)
      this.#flow?.cancel()
    }
  }

  #finish(landing: Landing): void {
    this.#isOver = true
    this.#filling?.cut(new Error('The response was not wanted any more.'))
    this.#filling = undefined
    this.#land(landing)
  }

  #land(landing: Landing): void {
    const { flight } = this.#plan

    if (flight !== undefined && !this.#hasLanded) {
      this.#hasLanded = true

      if (this.#shared.flights.get(this.#key) === flight) {
        this.#shared.flights.delete(this.#key)
      }

      flight.land(landing)
    }
  }
}
