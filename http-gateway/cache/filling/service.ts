import type { Fields } from '../fields.ts'
import type { Receiver } from '../exchange.ts'
import type { StoredResponse } from '../stored-response.ts'

export interface FillingOptions {
  readonly response: Omit<StoredResponse, 'body' | 'part'>
  /** Bytes, where the origin has said how many will come. */
  readonly length: number | undefined
  readonly maxLength: number
  /** Of all that is on its way into the store, in bytes. */
  readonly counts: { filling: number }
  /** The last of those who read along has gone. */
  readonly onLeft: () => void
}

/** The body of a response that is being stored, which others than the one who asked for it may read along with. */
export class Filling {
  readonly response: FillingOptions['response']
  readonly #options: FillingOptions
  readonly #readers = new Set<Receiver>()
  #chunks: Buffer[] = []
  #bytes = 0
  /** What it has of the bytes that may be on their way in all: where the length is known, all from the start. */
  #taken = 0

  constructor(options: FillingOptions) {
    this.response = options.response
    this.#options = options
    this.#take(options.length ?? 0)
  }

  /** Whoever joins never holds up the others, so that only what surely fits is read along with. */
  get isOpen(): boolean {
    const { length, maxLength } = this.#options

    return length !== undefined && length <= maxLength
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  join(reader: Receiver, status: number, fields: Fields): void {
    this.#readers.add(reader)
    reader.attach({ resume: () => undefined, cancel: () => this.#leave(reader) })
    reader.start(status, fields)

    for (const chunk of this.#chunks) {
      reader.write(chunk)
    }
  }

  /** False where the response has become too large to be stored. */
  write(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    this.#take(Math.max(0, this.#bytes - this.#taken))

    if (this.#bytes > this.#options.maxLength) {
      return false
    }

    this.#chunks.push(chunk)

    for (const reader of this.#readers) {
      reader.write(chunk)
    }

    return true
  }

  /** The whole body, in memory of its own: chunks are pieces of larger buffers. */
  end(trailers: Fields): Buffer {
    const readers = [...this.#readers]
    const body = Buffer.concat(this.#chunks)

    this.#release()

    for (const reader of readers) {
      reader.end(trailers)
    }

    return body
  }

  cut(error: Error): void {
    const readers = [...this.#readers]

    this.#release()

    for (const reader of readers) {
      reader.cut(error)
    }
  }

  #take(bytes: number): void {
    this.#taken += bytes
    this.#options.counts.filling += bytes
  }

  #release(): void {
    this.#take(-this.#taken)
    this.#readers.clear()
    this.#chunks = []
  }

  #leave(reader: Receiver): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) {
      this.#options.onLeft()
    }
  }
}
