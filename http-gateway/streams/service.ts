import type { Duplex } from 'node:stream'
import type { WebServer } from '../front/server.ts'

export interface StreamLimits {
  readonly maxStreams: number
  /** ms without a byte in either direction; a stream of libp2p has no timeout of its own */
  readonly idleTimeout: number
}

/** HTTP connections that come over libp2p instead of a socket. */
export class Streams {
  readonly #limits: StreamLimits
  readonly #open = new Set<Duplex>()

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  has(connection: Duplex): boolean {
    return this.#open.has(connection)
  }

  accept(stream: Duplex, server: WebServer): void {
    if (this.#open.size >= this.#limits.maxStreams) {
      stream.destroy()

      return
    }

    this.#open.add(stream)
    stream.once('close', () => this.#open.delete(stream))
    server.emit('connection', stream)
    this.#endIdle(stream)
  }

  close(): void {
    for (const stream of this.#open) {
      stream.destroy()
    }
  }

  #endIdle(stream: Duplex): void {
    const timer = setTimeout(() => stream.destroy(), this.#limits.idleTimeout)

    stream.on('data', () => timer.refresh())
    stream.on('drain', () => timer.refresh())
    stream.once('close', () => clearTimeout(timer))
  }
}
