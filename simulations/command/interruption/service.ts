/** Ctrl-C once asks for what there is; a second one ends the program as usual. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController()
  readonly #stop = (): void => this.#controller.abort()

  constructor() {
    process.once('SIGINT', this.#stop)
    process.once('SIGTERM', this.#stop)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#stop)
    process.off('SIGTERM', this.#stop)
  }
}
