interface CacheOfferOptions {
  /** Until when what was read here is offered, in ms since the epoch; Infinity for always, 0 for never. */
  readonly until: number
  /** What may be sent to others, in bytes. */
  readonly quota: number
}

/** A reader's offer to give others what it has read, for a time and up to an amount. */
export class CacheOffer {
  readonly until: number
  readonly #quota: number
  #sent = 0

  constructor({ until, quota }: CacheOfferOptions) {
    this.until = until
    this.#quota = quota
  }

  /** Bytes that others had so far. */
  get sent(): number {
    return this.#sent
  }

  isOpen(now: number): boolean {
    return now < this.until && this.#sent < this.#quota
  }

  /** Counts bytes that are sent; false where they are not to be. */
  take(bytes: number, now: number): boolean {
    if (now >= this.until || this.#sent + bytes > this.#quota) return false
    this.#sent += bytes

    return true
  }
}
