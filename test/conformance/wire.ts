import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** One answer as it came off the wire. */
export interface WireAnswer {
  readonly status: number
  readonly version: string
  /** Values by lower-case name, in the order of arrival. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
}

const END_OF_HEAD = '\r\n\r\n'
const STATUS_LINE = /^(HTTP\/1\.[01]) (\d{3}) [\t -~]*$/
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\u0080-\u00ff](?:[ \t!-~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?)[ \t]*$/

/** A connection on which bytes are sent as they are and answers are read strictly. */
export class Wire {
  readonly #socket: Duplex
  #bytes = Buffer.alloc(0)
  #hasEnded = false
  #changed = Promise.withResolvers<undefined>()

  /** @param to a port of this machine, or a connection that stands already */
  constructor(to: number | Duplex) {
    this.#socket =
      typeof to === 'number' ? connect({ host: '127.0.0.1', port: to, allowHalfOpen: true }) : to
    this.#socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#change()
    })
    this.#socket.on('end', () => this.#finish())
    this.#socket.on('error', () => this.#finish())
    this.#socket.on('close', () => this.#finish())
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Says that nothing more will be sent. */
  finish(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Waits until the server closes the connection; what it said. */
  async closed(): Promise<string> {
    while (!this.#hasEnded) {
      await this.#changed.promise
    }

    return this.#bytes.toString('latin1')
  }

  /**
   * The next answer, read to its end; undefined where the connection was closed instead.
   *
   * @throws where the answer breaks the grammar or breaks off
   */
  async answer(isHead: boolean): Promise<WireAnswer | undefined> {
    const head = await this.#head()

    if (head === undefined) {
      return undefined
    }

    const [, version = '', status = ''] = STATUS_LINE.exec(head[0] ?? '') ?? []

    if (status === '') {
      throw new Error(`This is no status line: ${head[0]}`)
    }

    const fields = readFields(head.slice(1))
    const isBodiless = isHead || status.startsWith('1') || status === '204' || status === '304'

    return {
      version,
      status: Number(status),
      fields,
      body: isBodiless ? Buffer.alloc(0) : await this.#body(fields)
    }
  }

  async #head(): Promise<string[] | undefined> {
    for (;;) {
      const end = this.#bytes.indexOf(END_OF_HEAD)

      if (end >= 0) {
        return this.#take(end + END_OF_HEAD.length)
          .toString('latin1', 0, end)
          .split('\r\n')
      }

      if (this.#hasEnded && this.#bytes.length === 0) {
        return undefined
      }

      await this.#more()
    }
  }

  async #body(fields: WireAnswer['fields']): Promise<Buffer> {
    const lengths = fields.get('content-length') ?? []

    if (fields.has('transfer-encoding')) {
      if (lengths.length > 0) {
        throw new Error('The answer has both Transfer-Encoding and Content-Length.')
      }

      return this.#chunks()
    }

    if (lengths.length === 1) {
      return this.#exactly(Number(lengths[0]))
    }

    while (!this.#hasEnded) {
      await this.#more()
    }

    return this.#take(this.#bytes.length)
  }

  async #chunks(): Promise<Buffer> {
    const chunks: Buffer[] = []

    for (;;) {
      const size = Number.parseInt(await this.#line(), 16)

      if (size === 0) {
        while ((await this.#line()) !== '') {
          // Trailer fields are of no interest here.
        }

        return Buffer.concat(chunks)
      }

      chunks.push(await this.#exactly(size))
      await this.#line()
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n')

      if (end >= 0) {
        return this.#take(end + 2).toString('latin1', 0, end)
      }

      await this.#more()
    }
  }

  async #exactly(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      await this.#more()
    }

    return this.#take(length)
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length)

    this.#bytes = this.#bytes.subarray(length)

    return taken
  }

  async #more(): Promise<void> {
    if (this.#hasEnded) {
      throw new Error(`The answer breaks off: ${this.#bytes.toString('latin1', 0, 200)}`)
    }

    await this.#changed.promise
  }

  #finish(): void {
    this.#hasEnded = true
    this.#change()
  }

  #change(): void {
    this.#changed.resolve(undefined)
    this.#changed = Promise.withResolvers<undefined>()
  }
}

function readFields(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>()

  for (const line of lines) {
    const [, name, value = ''] = FIELD_LINE.exec(line) ?? []

    if (name === undefined) {
      throw new Error(`This is no field line: ${line}`)
    }

    const key = name.toLowerCase()

    fields.set(key, [...(fields.get(key) ?? []), value])
  }

  return fields
}
