import type { Filling } from './filling/service.ts'

/** What becomes of those who wait for the request of another: they look into the store again, read along, or share its failure. */
export type Landing =
  | { readonly kind: 'look' }
  | { readonly kind: 'join'; readonly filling: Filling }
  | { readonly kind: 'failed'; readonly error: unknown }

/** One request to an origin for which others wait. */
export class Flight {
  readonly #waiting = new Set<(landing: Landing) => void>()
  #filling: Filling | undefined

  get waiting(): number {
    return this.#waiting.size
  }

  /** What may be read along with. */
  get filling(): Filling | undefined {
    return this.#filling
  }

  /** Returns how to wait no longer. */
  await(waiter: (landing: Landing) => void): () => void {
    this.#waiting.add(waiter)

    return () => this.#waiting.delete(waiter)
  }

  share(filling: Filling): void {
    this.#filling = filling
    this.land({ kind: 'join', filling })
  }

  land(landing: Landing): void {
    const waiting = [...this.#waiting]

    this.#waiting.clear()

    for (const waiter of waiting) {
      waiter(landing)
    }
  }
}
