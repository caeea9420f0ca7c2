import type { Message, Transport } from '../events/messages.ts'
import type { TelegramName } from './messages.ts'

/** Connections of a worker that were told of and have not ended. */
export class OpenConnections {
  readonly #open = new Map<Transport, number>()

  note(name: TelegramName, message: Message<TelegramName>): void {
    if (!('transport' in message)) return

    const { transport } = message
    const open = this.#open.get(transport) ?? 0

    if (name === 'connection') this.#open.set(transport, open + 1)
    // Those that were open before anybody listened are not counted.
    if (name === 'disconnection') this.#open.set(transport, Math.max(0, open - 1))
  }

  /** One transport for each of them; none is open any more. */
  takeAll(): Transport[] {
    const all = [...this.#open].flatMap(([transport, open]) =>
      Array.from({ length: open }, () => transport)
    )

    this.#open.clear()

    return all
  }
}
