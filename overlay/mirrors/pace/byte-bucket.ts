/** So many bytes at once, and so many a second from then on; times in ms, from any start. */
export class ByteBucket {
  readonly rate: number
  readonly burst: number
  #tokens: number
  #filledAt: number

  constructor(rate: number, burst: number, now: number) {
    this.rate = rate
    this.burst = burst
    this.#tokens = burst
    this.#filledAt = now
  }

  /** How long until so many bytes may pass, in ms; 0 is now. What is larger than the bucket passes when that is full. */
  waitFor(bytes: number, now: number): number {
    return this.timeFor(Math.min(bytes, this.burst), now)
  }

  /** How long it takes until so many bytes have passed in parts, in ms. */
  timeFor(bytes: number, now: number): number {
    this.#fill(now)

    const missing = bytes - this.#tokens

    return missing <= 0 ? 0 : Math.max(1, Math.ceil((missing / this.rate) * 1000))
  }

  /** Counts bytes, whether they had to wait or not: what is too many is paid back before any other passes. */
  spend(bytes: number, now: number): void {
    this.#fill(now)
    this.#tokens -= bytes
  }

  /** Of bytes that were counted so many did not come. */
  giveBack(bytes: number, now: number): void {
    this.#fill(now)
    this.#tokens = Math.min(this.burst, this.#tokens + bytes)
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#filledAt)

    this.#tokens = Math.min(this.burst, this.#tokens + (passed / 1000) * this.rate)
    this.#filledAt = now
  }
}
