import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { Duplex } from 'node:stream'

/** HTTP/1.1 over a libp2p stream: for nodes whose own HTTPS endpoint cannot be reached. */
export const HTTP_PROTOCOL = '/plexnet/http/1.0.0'

/**
 * A libp2p stream with the parts of a socket that Node's HTTP server and undici use.
 *
 * Noise has authenticated the peer already, so HTTP goes through it without TLS.
 */
export class StreamSocket extends Duplex {
  readonly #stream: Stream
  readonly encrypted = true

  constructor(stream: Stream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    stream.addEventListener('message', this.#onMessage)
    // Not 'remoteCloseWrite', which comes while data is still buffered.
    stream.addEventListener('end', () => this.push(null), { once: true })
    stream.addEventListener(
      'close',
      ({ error }) => {
        if (error != null) this.destroy(error)
      },
      { once: true }
    )
    if (stream.readableEnded) this.push(null)
  }

  override _read(): void {
    if (this.#stream.readStatus === 'paused') this.#stream.resume()
  }

  override _write(
    chunk: Uint8Array,
    _encoding: BufferEncoding,
    settled: (error?: Error | null) => void
  ): void {
    try {
      if (this.#stream.send(chunk)) settled()
      else this.#stream.onDrain().then(() => settled(), settled)
    } catch (error) {
      settled(error instanceof Error ? error : new Error(String(error)))
    }
  }

  override _final(settled: (error?: Error | null) => void): void {
    this.#stream.close().then(() => settled(), settled)
  }

  override _destroy(error: Error | null, settled: (error?: Error | null) => void): void {
    this.#stream.removeEventListener('message', this.#onMessage)

    if (this.#stream.status === 'open') this.#stream.abort(error ?? new Error('closed'))

    settled(error)
  }

  /** As `net.Socket`: ends once all that was written is sent. */
  destroySoon(): void {
    this.end(() => this.destroy())
  }

  /** Times are kept by the HTTP parser; a libp2p stream has none of its own. */
  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    const { data } = event
    const more = this.push(data instanceof Uint8Array ? data : data.subarray())

    if (!more && this.#stream.readStatus === 'readable') this.#stream.pause()
  }
}
