interface Flight {
  readonly result: Promise<Uint8Array>
  readonly abort: AbortController
  waiting: number
}

/** Lets all who want the same block at the same time wait for one transfer, which ends when none of them wants it any more. */
export class SharedFlights {
  readonly #flights = new Map<string, Flight>()

  async get(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<Uint8Array>
  ): Promise<Uint8Array> {
    signal.throwIfAborted()

    const flight = this.#flights.get(key) ?? this.#begin(key, start)
    const left = Promise.withResolvers<never>()
    const onAbort = (): void => left.reject(signal.reason)

    flight.waiting += 1
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([flight.result, left.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      flight.waiting -= 1
      if (flight.waiting === 0) this.#end(key, flight)
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<Uint8Array>): Flight {
    const abort = new AbortController()
    const flight = { result: start(abort.signal), abort, waiting: 0 }

    // Nobody may be waiting any more when it fails.
    flight.result.catch(() => {})
    this.#flights.set(key, flight)

    return flight
  }

  #end(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    flight.abort.abort()
  }
}
