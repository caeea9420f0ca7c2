import type { Duplex } from 'node:stream'
import { ByteBucket } from '../../../overlay/mirrors/pace/byte-bucket.ts'
import { FairTurns } from './fair-turns.ts'

// What a connection sends in one turn, in bytes: small enough that a page does not wait behind the films of others.
const PIECE = 16 * 1024

// What may leave at once after a silence, in ms of the rate; no less than a piece.
const BURST = 250

type Written = (error?: Error | null) => void

/** Sends what connections have to send at one rate for all of them, in turns. */
export class RatedSending {
  readonly #turns: FairTurns<Duplex>
  readonly #go = new WeakMap<Duplex, () => void>()
  readonly #rated = new WeakSet<Duplex>()
  #timer: NodeJS.Timeout | undefined
  #isAtIt = false

  /** `rate` in bytes a second. */
  constructor(rate: number) {
    const burst = Math.max(PIECE, (rate * BURST) / 1000)

    this.#turns = new FairTurns(new ByteBucket(rate, burst, performance.now()))
  }

  /** How long a piece that is written now has to wait, in ms. */
  get delay(): number {
    return this.#turns.delay(performance.now())
  }

  /** From now on what is written to this connection waits for its turns. */
  rate(connection: Duplex): void {
    if (this.#rated.has(connection)) return

    const write = connection['_write'].bind(connection)

    this.#rated.add(connection)
    connection['_write'] = (chunk: unknown, encoding, written) => {
      this.#send(connection, { bytes: bytesOf(chunk, encoding), at: 0, write, written })
    }
    // So that each piece comes by itself.
    Reflect.set(connection, '_writev', undefined)
    connection.once('close', () => {
      this.#turns.leave(connection)
      this.#go.delete(connection)
    })
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #send(connection: Duplex, sent: Sent): void {
    const piece = sent.bytes.subarray(sent.at, sent.at + PIECE)
    const isLast = sent.at + piece.length >= sent.bytes.length

    this.#go.set(connection, () => {
      if (!isEncoding(NO_TEXT)) return

      sent.write(piece, NO_TEXT, error => {
        if (error != null || isLast) {
          sent.written(error)
        } else {
          this.#send(connection, { ...sent, at: sent.at + PIECE })
        }
      })
    })
    this.#turns.ask(connection, piece.length)
    this.#letGo()
  }

  #letGo(): void {
    // What goes may bring the next piece of its connection at once, which is among those that are gone through.
    if (this.#timer !== undefined || this.#isAtIt) return

    const now = performance.now()

    this.#isAtIt = true
    for (const connection of this.#turns.next(now)) this.#go.get(connection)?.()
    this.#isAtIt = false

    const wait = this.#turns.waitFor(now)

    if (wait !== undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#letGo()
      }, wait).unref()
    }
  }
}

interface Sent {
  readonly bytes: Buffer
  /** Where what is not sent yet begins. */
  readonly at: number
  readonly write: Duplex['_write']
  readonly written: Written
}

// What Node's streams say of what is no text.
const NO_TEXT = 'buffer'

function isEncoding(_name: string): _name is BufferEncoding {
  return true
}

function bytesOf(chunk: unknown, encoding: BufferEncoding): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding)

  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : Buffer.alloc(0)
}
