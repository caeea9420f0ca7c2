/** Work under names: each name once at a time, so many at once; the others wait for their turn. */
export class Turns {
  readonly #most: number
  readonly #signal: AbortSignal
  readonly #underway = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #open = 0

  constructor(most: number, signal: AbortSignal) {
    this.#most = most
    this.#signal = signal
  }

  /**
   * Does the work, unless there is some of this name already, or the signal has come.
   *
   * @param act does not reject
   * @param onDone when other work of this name may begin
   */
  begin(name: string, act: () => Promise<void>, onDone?: () => void): void {
    if (this.#signal.aborted || this.#underway.has(name)) return

    this.#underway.set(name, this.#run(name, act, onDone))
  }

  /** Resolves when nothing is being done any more. */
  async ended(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway.values())
  }

  async #run(name: string, act: () => Promise<void>, onDone?: () => void): Promise<void> {
    if (this.#open >= this.#most) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#open += 1

    try {
      // Work that was taken up in the meantime ends at once.
      await (this.#signal.aborted ? undefined : act())
    } finally {
      const next = this.#waiting.shift()

      // Whoever comes next has this place.
      if (next === undefined) this.#open -= 1
      else next()
      this.#underway.delete(name)
    }
    onDone?.()
  }
}
