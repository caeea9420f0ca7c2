import type { FastifyBaseLogger } from 'fastify'
import type { Events } from '../events/service.ts'
import { combinedLine } from './combined.ts'
import type { AccessLogDestination, AccessLogFunction, Sink } from './destination.ts'
import type { Entry, Format } from './entry.ts'
import { openFileSink, stdoutSink } from './file/store.ts'
import { jsonLine } from './json.ts'
import { LineQueue } from './queue.ts'
import { shortenAddress } from './shorten.ts'
import { streamSink } from './stream/service.ts'

export interface AccessLogOptions {
  readonly destination: AccessLogDestination
  readonly format: 'combined' | 'json'
  /** Write the network of an address in place of it. */
  readonly shortenAddresses: boolean
  /** Bytes that wait for the destination; more are dropped. */
  readonly bufferSize: number
  /** ms that a line waits for others to be written with. */
  readonly flushInterval: number
  readonly logger: FastifyBaseLogger
}

const FORMATS: Readonly<Record<AccessLogOptions['format'], Format>> = {
  combined: combinedLine,
  json: jsonLine
}

// Lines are written as soon as they fill so many bytes.
const BATCH = 64 * 1024

// What a destination has at the end to take what waits for it, in ms.
const CLOSE_TIMEOUT = 2000

/**
 * A line for each request, to a destination that may be slow, full or gone: serving never waits for it.
 *
 * @throws {AccessLogError} where the file cannot be opened
 */
export async function startAccessLog(
  events: Events,
  options: AccessLogOptions
): Promise<AccessLog> {
  const { destination } = options
  const log =
    typeof destination === 'function'
      ? new AccessLog(options, undefined, destination)
      : new AccessLog(options, await sinkFor(destination), undefined)

  log.listenTo(events)

  return log
}

export class AccessLog {
  readonly #options: AccessLogOptions
  readonly #format: Format
  readonly #address: (full: string) => string
  readonly #queue: LineQueue
  readonly #sink: Sink | undefined
  readonly #call: AccessLogFunction | undefined
  #stop: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #isClosed = false
  #refused = 0
  /** Of the destination, told once until it works again. */
  #trouble: { readonly droppedBefore: number } | undefined

  constructor(
    options: AccessLogOptions,
    sink: Sink | undefined,
    call: AccessLogFunction | undefined
  ) {
    this.#options = options
    this.#format = FORMATS[options.format]
    this.#address = options.shortenAddresses ? shortenAddress : (full): string => full
    this.#queue = new LineQueue(options.bufferSize)
    this.#sink = sink
    this.#call = call
  }

  /** Lines that the destination could not take. */
  get dropped(): number {
    return this.#queue.dropped + this.#refused
  }

  listenTo(events: Events): void {
    this.#stop = [
      events.listen('request', message => this.#add({ kind: 'request', message })),
      events.listen('parse-error', message => this.#add({ kind: 'parse-error', message }))
    ]
  }

  /** Goes on in a new file of the same name, after the old one was moved away. What waited goes to the old one, as far as it can. */
  async reopen(): Promise<void> {
    await this.#write()

    try {
      await this.#sink?.reopen()
      this.#queue.rewindLine()
      this.#options.logger.info('the access log is opened anew')
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the access log stays in its old file')
    }
  }

  /** Writes what waits, within a bound of time. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop.forEach(stop => stop())
    clearTimeout(this.#timer)

    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, CLOSE_TIMEOUT, undefined)

    await Promise.race([this.#write(), late])
    clearTimeout(timer)

    if (this.#queue.size > 0) {
      this.#queue.drop()
      this.#options.logger.warn({ dropped: this.dropped }, 'lines of the access log are lost')
    }

    await this.#sink?.close()
  }

  #add(entry: Entry): void {
    const line = this.#format(entry, this.#address)

    if (this.#call !== undefined) {
      this.#hand(this.#call, line, entry)
    } else if (!this.#queue.add(line)) {
      this.#tellTrouble('its destination is slower than the requests are')
    } else if (this.#writing !== undefined) {
      // It goes on until nothing waits.
    } else if (this.#queue.size >= BATCH) {
      void this.#write()
    } else {
      this.#timer ??= setTimeout(() => void this.#write(), this.#options.flushInterval).unref()
    }
  }

  #hand(call: AccessLogFunction, line: string, { message }: Entry): void {
    try {
      call(line, message)
    } catch (error) {
      this.#refused += 1
      this.#tellTrouble('the function that takes its lines has failed', error)
    }
  }

  /** Never fails; one at a time. */
  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })

    return this.#writing
  }

  async #drain(): Promise<void> {
    try {
      for (let bytes = this.#queue.next(); bytes.length > 0; bytes = this.#queue.next()) {
        this.#queue.advance((await this.#sink?.write(bytes)) ?? bytes.length)
      }
    } catch (error) {
      this.#tellTrouble('its destination takes nothing', error)
      this.#tryLater()

      return
    }

    this.#tellRecovery()
  }

  #tryLater(): void {
    if (!this.#isClosed) {
      this.#timer = setTimeout(() => void this.#write(), this.#options.flushInterval).unref()
    }
  }

  #tellTrouble(reason: string, error?: unknown): void {
    if (this.#trouble === undefined) {
      this.#trouble = { droppedBefore: this.dropped }
      this.#options.logger.error(
        { err: error },
        `The access log cannot be written: ${reason}. The node goes on; lines that find no room are dropped and counted.`
      )
    }
  }

  #tellRecovery(): void {
    if (this.#trouble !== undefined) {
      const dropped = this.dropped - this.#trouble.droppedBefore

      this.#trouble = undefined
      this.#options.logger.warn({ dropped }, 'The access log is written again.')
    }
  }
}

async function sinkFor(
  destination: Exclude<AccessLogDestination, AccessLogFunction>
): Promise<Sink> {
  if (typeof destination !== 'string') {
    return streamSink(destination)
  }

  return destination === '-' ? stdoutSink() : openFileSink(destination)
}
