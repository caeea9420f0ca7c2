import type { Events } from '../../events/service.ts'
import type { Figures, Telegram, TelegramName, Told } from '../messages.ts'

/** Events are sent so often, in ms, many together. */
const INTERVAL = 100

/** Events that wait for a main process that has no time for them; more are dropped. */
const MAX_WAITING = 50_000

type Tell = (told: Told, sent: () => void) => void

/** Tells the main process what happens in a worker, as far as anybody there listens. */
export class EventPost {
  readonly #events: Events
  readonly #figures: () => Figures
  readonly #tell: Tell
  readonly #timer = setInterval(() => this.#send(), INTERVAL)
  #waiting: Telegram[] = []
  #isSending = false
  #stop: (() => void)[] = []

  constructor(events: Events, figures: () => Figures, tell: Tell) {
    this.#events = events
    this.#figures = figures
    this.#tell = tell
  }

  /** What is listened for, in place of what was before. */
  want(names: readonly TelegramName[]): void {
    this.#stop.forEach(stop => stop())
    this.#stop = names.map(name => this.#collect(name))
  }

  close(): void {
    clearInterval(this.#timer)
    // The last of it is sent whether the one before has arrived or not.
    this.#isSending = false
    this.#send()
  }

  #collect(name: TelegramName): () => void {
    return this.#events.listen(name, message => this.#add({ name, message }))
  }

  #add(telegram: Telegram): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(telegram)
  }

  #send(): void {
    if (this.#isSending || this.#waiting.length === 0) return

    const events = this.#waiting

    this.#waiting = []
    this.#isSending = true
    this.#tell({ tell: 'events', events, figures: this.#figures() }, () => {
      this.#isSending = false
    })
  }
}
