import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { Duplex } from 'node:stream'
import { asError } from '../../identity/index.ts'

/** HTTP/1.1 over a libp2p stream: for nodes whose own HTTPS endpoint cannot be reached. */
export const HTTP_PROTOCOL = '/plexnet/http/1.0.0'

/**
 * How long a finished connection may take to be closed by the other side as well, in ms.
 *
 * Up to a window of 1 MiB may still be on its way: a line of 10 KiB/s needs that long.
 */
const LINGER = 120_000

/**
 * A libp2p stream with the parts of a socket that Node's HTTP server and undici use.
 *
 * Noise has authenticated the peer already, so HTTP goes through it without TLS.
 */
export class StreamSocket extends Duplex {
  readonly #stream: Stream
  /** The peer said that nothing more comes; a connection that breaks off looks the same to libp2p's 'end'. */
  #finished: boolean
  readonly encrypted = true

  constructor(stream: Stream) {
    super({ allowHalfOpen: true })
    // A peer that breaks off before anybody listens must not end the process.
    this.on('error', () => undefined)
    this.#stream = stream
    this.#finished = stream.status === 'open' && stream.remoteWriteStatus === 'closed'
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('remoteCloseWrite', this.#onRemoteCloseWrite, { once: true })
    // Not 'remoteCloseWrite', which comes while data is still buffered.
    stream.addEventListener('end', this.#onEnd, { once: true })
    stream.addEventListener('close', this.#onClose, { once: true })
    if (stream.readableEnded) this.#onEnd()
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
      else this.#afterDrain(settled)
    } catch (error) {
      settled(asError(error))
    }
  }

  override _final(settled: (error?: Error | null) => void): void {
    this.#stream.close().then(
      () => settled(),
      // Where the peer goes first, libp2p rejects with the event and not with an error.
      () => settled(new Error('The peer closed the connection.'))
    )
  }

  override _destroy(error: Error | null, settled: (error?: Error | null) => void): void {
    const stream = this.#stream

    stream.removeEventListener('message', this.#onMessage)
    stream.removeEventListener('remoteCloseWrite', this.#onRemoteCloseWrite)

    if (error == null && stream.writeStatus === 'closed') this.#linger()
    else if (stream.status === 'open') stream.abort(error ?? new Error('closed'))

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

  /** An abort now would destroy what the peer has not read yet. */
  #linger(): void {
    const stream = this.#stream

    if (stream.status !== 'open') return

    const timer = setTimeout(() => stream.abort(new Error('closed')), LINGER).unref()

    stream.addEventListener('close', () => clearTimeout(timer), { once: true })
    stream.closeRead().catch((error: unknown) => stream.abort(asError(error)))
  }

  /** libp2p's own `onDrain` waits only the first time (@libp2p/utils 7.4.1), after which nothing holds a sender back. */
  #afterDrain(settled: (error?: Error) => void): void {
    const stream = this.#stream
    const onDrain = (): void => {
      stream.removeEventListener('close', onClose)
      settled()
    }
    const onClose = ({ error }: StreamCloseEvent): void => {
      stream.removeEventListener('drain', onDrain)
      settled(error ?? new Error('The peer closed the connection.'))
    }

    stream.addEventListener('drain', onDrain, { once: true })
    stream.addEventListener('close', onClose, { once: true })
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    const { data } = event
    const more = this.push(data instanceof Uint8Array ? data : data.subarray())

    if (!more && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  readonly #onRemoteCloseWrite = (): void => {
    this.#finished = true
  }

  readonly #onEnd = (): void => {
    if (this.#finished) this.push(null)
    else this.destroy(new Error('The connection to the peer broke off.'))
  }

  readonly #onClose = ({ error }: StreamCloseEvent): void => {
    if (error != null) this.destroy(error)
  }
}
