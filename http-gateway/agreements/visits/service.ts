/** Goes and sees mirrors, each once at a time and a few at once; the others wait for their turn. */
export class Visits {
  readonly #most: number
  readonly #signal: AbortSignal
  readonly #see: (id: string) => Promise<void>
  readonly #busy = new Map<string, Promise<void>>()
  readonly #waiting = new Set<string>()

  /** @param see does not reject */
  constructor(most: number, signal: AbortSignal, see: (id: string) => Promise<void>) {
    this.#most = most
    this.#signal = signal
    this.#see = see
  }

  see(id: string): void {
    if (this.#signal.aborted || this.#busy.has(id)) return

    if (this.#busy.size >= this.#most) {
      this.#waiting.add(id)

      return
    }

    this.#busy.set(id, this.#visit(id))
  }

  /** Resolves when nobody is being seen any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#busy.values())
  }

  async #visit(id: string): Promise<void> {
    try {
      await this.#see(id)
    } finally {
      this.#busy.delete(id)
      this.#seeNext()
    }
  }

  #seeNext(): void {
    const [next] = this.#waiting

    if (next === undefined) return

    this.#waiting.delete(next)
    this.see(next)
  }
}
