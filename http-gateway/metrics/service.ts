import type { Events } from '../events/service.ts'
import type { PresentFigures } from './exposition/service.ts'
import { Tally } from './tally.ts'

export interface MetricsOptions {
  readonly version: string
  /** What is not counted but looked at. */
  readonly present: () => PresentFigures
}

/** The figures of a node for Prometheus: counted from its start, written when they are asked for. */
export class Metrics {
  readonly #options: MetricsOptions
  readonly #tally = new Tally()
  readonly #stop: readonly (() => void)[]

  constructor(events: Events, options: MetricsOptions) {
    const tally = this.#tally

    this.#options = options
    this.#stop = [
      events.listen('answer', message => tally.answer(message)),
      events.listen('connection', message => tally.connection(message)),
      events.listen('disconnection', message => tally.disconnection(message)),
      events.listen('parse-error', message => tally.parseError(message)),
      events.listen('upload', message => tally.upload(message)),
      events.listen('lookup', message => tally.lookup(message)),
      events.listen('handler-error', () => tally.handlerError())
    ]
  }

  /** In the text format of Prometheus, version 0.0.4. */
  async text(): Promise<string> {
    // A library that only those need who ask.
    const { expose } = await import('./exposition/service.ts')

    return expose(this.#tally, this.#options.present(), this.#options.version)
  }

  close(): void {
    this.#stop.forEach(stop => stop())
  }
}
