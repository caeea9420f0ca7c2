import type { HttpDate } from '../file.ts'

const MS_PER_SECOND = 1000

/** The field lines of answers that go over the wire without Node's own: the date, and that the connection stays open. */
export class ConnectionLines {
  /** As Node writes them. */
  readonly persistence: string
  #second = 0
  #date: HttpDate = { text: '' }

  /** `keepAliveTimeout`: how long a connection without requests stays open, as clients are told, in ms */
  constructor(keepAliveTimeout: number) {
    const timeout =
      keepAliveTimeout > 0
        ? `Keep-Alive: timeout=${Math.floor(keepAliveTimeout / MS_PER_SECOND)}\r\n`
        : ''

    this.persistence = `Connection: keep-alive\r\n${timeout}`
  }

  date(): HttpDate {
    const second = Math.floor(Date.now() / MS_PER_SECOND)

    if (second !== this.#second) {
      this.#second = second
      this.#date = { text: new Date(second * MS_PER_SECOND).toUTCString() }
    }

    return this.#date
  }
}
