/** So many at a time; the others wait. */
export class Turns {
  readonly #max: number
  readonly #waiting: (() => void)[] = []
  #open = 0

  constructor(max: number) {
    this.#max = max
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#open >= this.#max) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#open += 1

    try {
      return await act()
    } finally {
      const next = this.#waiting.shift()

      // Whoever comes next has this place.
      if (next === undefined) this.#open -= 1
      else next()
    }
  }
}
