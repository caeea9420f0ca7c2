import type { Request } from './request.ts'
import type { Slots } from './slots.ts'

/** Requests of one transfer at once. */
const MAX_REQUESTS = 8

export interface RequestPlan {
  readonly source: string
  readonly by: Request['by']
  readonly from: number
  readonly to: number
  readonly isHedge: boolean
}

/** The requests that are on their way, and which blocks they carry. */
export class Requests {
  readonly #slots: Slots
  readonly #open = new Map<number, Request>()
  #count = 0

  constructor(slots: Slots) {
    this.#slots = slots
  }

  get isFull(): boolean {
    return this.#open.size >= MAX_REQUESTS
  }

  all(): Request[] {
    return [...this.#open.values()]
  }

  of(source: string): Request[] {
    return this.all().filter(request => request.source === source)
  }

  get(id: number): Request | undefined {
    return this.#open.get(id)
  }

  open(plan: RequestPlan, now: number): Request {
    const request: Request = {
      ...plan,
      id: this.#count,
      next: plan.from,
      startedAt: now,
      begunAt: undefined,
      progressAt: now,
      blockAt: now,
      partial: 0,
      counted: 0,
      countedAt: now,
      received: 0,
      isMeasured: false,
      isPaused: false
    }

    this.#count += 1
    this.#open.set(request.id, request)
    for (let index = plan.from; index < plan.to; index += 1) {
      this.#slots.at(index)?.carriers.add(request.id)
    }

    return request
  }

  /** Ends a request; what it did not bring is free again. */
  drop(request: Request): void {
    this.#open.delete(request.id)
    this.#release(request, request.from)
  }

  /** A request that had the whole file to itself leaves what lies behind the window to others. */
  trimToWindow(): void {
    for (const request of this.#open.values()) {
      const to = Math.max(request.next + 1, this.#slots.windowEnd)

      if (to < request.to) {
        this.#release(request, to)
        request.to = to
      }
    }
  }

  /** What the request has yet to bring before block `to`, in bytes. */
  bytesLeft({ next, partial }: Request, to: number): number {
    let bytes = -partial

    for (let index = next; index < to; index += 1) bytes += this.#slots.at(index)?.item.size ?? 0

    return Math.max(0, bytes)
  }

  /** What all requests of a source have yet to bring, in bytes. */
  bytesAskedOf(source: string): number {
    return this.of(source).reduce((sum, request) => sum + this.bytesLeft(request, request.to), 0)
  }

  #release({ id, to }: Request, from: number): void {
    for (let index = Math.max(from, this.#slots.first); index < to; index += 1) {
      this.#slots.at(index)?.carriers.delete(id)
    }
  }
}
