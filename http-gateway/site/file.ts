import type { FileHandle } from 'node:fs/promises'
import type { Representation } from './representation.ts'

/** A moment as the Date field tells it; the same object for all answers of one second. */
export interface HttpDate {
  readonly text: string
}

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly bytes: Buffer
  /** Of `bytes`, the content. */
  readonly contentLength: number
}

interface WireAnswers {
  readonly date: HttpDate
  readonly get: WireAnswer
  readonly head: WireAnswer
}

/** A file that is in memory. */
export class HotFile {
  readonly kind = 'hot'
  /** Where it lies on the disk. */
  readonly file: string
  readonly representation: Representation
  /** The fields of a whole answer, Content-Length included. */
  readonly fields: string[]
  #content: Buffer
  #answers: WireAnswers | undefined

  constructor(file: string, representation: Representation, content: Buffer) {
    this.file = file
    this.representation = representation
    this.fields = [...representation.fields, 'Content-Length', String(content.length)]
    this.#content = content
  }

  get content(): Buffer {
    return this.#content
  }

  /** The whole answer to a plain request on a connection that stays open; `persistence` are the field lines that say so. */
  answer(method: 'GET' | 'HEAD', date: HttpDate, persistence: string): WireAnswer {
    if (this.#answers?.date !== date) {
      this.#answers = this.#prepare(date, persistence)
    }

    return method === 'GET' ? this.#answers.get : this.#answers.head
  }

  /** In new memory, since what was written a moment ago may not have left the old. */
  #prepare(date: HttpDate, persistence: string): WireAnswers {
    const head = Buffer.from(headOf(this.fields, date, persistence), 'latin1')
    const { length } = this.#content
    const bytes = Buffer.allocUnsafeSlow(head.length + length)

    bytes.set(head)
    bytes.set(this.#content, head.length)
    // The content is kept once.
    this.#content = bytes.subarray(head.length)

    return {
      date,
      get: { bytes, contentLength: length },
      head: { bytes: bytes.subarray(0, head.length), contentLength: 0 }
    }
  }
}

/** A file on the disk; the receiver closes `handle`. */
export interface OpenFile {
  readonly kind: 'open'
  readonly file: string
  readonly representation: Representation
  readonly handle: FileHandle
}

/** In the order in which Node writes it. */
function headOf(fields: readonly string[], date: HttpDate, persistence: string): string {
  let head = 'HTTP/1.1 200 OK\r\n'

  for (let index = 0; index < fields.length; index += 2) {
    head += `${fields[index]}: ${fields[index + 1]}\r\n`
  }

  return `${head}Date: ${date.text}\r\n${persistence}\r\n`
}
