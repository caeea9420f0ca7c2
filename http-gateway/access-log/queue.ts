const NEWLINE = 10

/** Lines on their way to a destination, under a bound: those that find no room are dropped and counted. */
export class LineQueue {
  readonly #limit: number
  #lines: string[] = []
  #waiting = 0
  /** Taken for writing, and how much of it is written. */
  #batch: Buffer = Buffer.alloc(0)
  #written = 0
  #dropped = 0

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Lines that found no room, ever. */
  get dropped(): number {
    return this.#dropped
  }

  /** Bytes that are not written yet. */
  get size(): number {
    return this.#waiting + this.#batch.length - this.#written
  }

  /** False where the line is dropped. */
  add(line: string): boolean {
    // As many bytes as characters, but for the rare line beyond ASCII.
    if (this.size + line.length > this.#limit) {
      this.#dropped += 1

      return false
    }

    this.#lines.push(line)
    this.#waiting += line.length

    return true
  }

  /** What is to be written next; empty where there is nothing. */
  next(): Buffer {
    if (this.#written === this.#batch.length) {
      this.#batch = Buffer.from(this.#lines.join(''))
      this.#written = 0
      this.#lines = []
      this.#waiting = 0
    }

    return this.#batch.subarray(this.#written)
  }

  /** So many bytes of `next` were written. */
  advance(bytes: number): void {
    this.#written += bytes
  }

  /** A line of which only a part was written goes whole to the next file. */
  rewindLine(): void {
    if (this.#written < this.#batch.length && this.#written > 0) {
      this.#written = this.#batch.lastIndexOf(NEWLINE, this.#written - 1) + 1
    }
  }

  /** Gives up what is not written, and counts it. */
  drop(): void {
    this.#dropped += this.#lines.length + countLines(this.#batch.subarray(this.#written))
    this.#lines = []
    this.#waiting = 0
    this.#batch = Buffer.alloc(0)
    this.#written = 0
  }
}

function countLines(bytes: Buffer): number {
  return bytes.reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 0)
}
