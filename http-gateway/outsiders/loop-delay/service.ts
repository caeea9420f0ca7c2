// How often lateness is looked at, in ms.
const EVERY = 100

/** How late this process gets to what is due, in ms; measured while somebody asks for it, and costs nothing otherwise. */
export class LoopDelay {
  #delay = 0
  #due = 0
  #isAsked = false
  #timer: NodeJS.Timeout | undefined

  get milliseconds(): number {
    this.#isAsked = true
    this.#timer ??= this.#start()

    return this.#delay
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #start(): NodeJS.Timeout {
    this.#due = performance.now() + EVERY

    return setInterval(() => this.#look(), EVERY).unref()
  }

  #look(): void {
    const now = performance.now()

    this.#delay = Math.max(0, now - this.#due)
    this.#due = now + EVERY

    if (!this.#isAsked) {
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#delay = 0
    }

    this.#isAsked = false
  }
}
