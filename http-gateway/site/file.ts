import { hash } from 'node:crypto'
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

/** Fields that stand in the answers of a whole site; another object as soon as they change. */
export interface SiteFields {
  /** Names and values in turn, for the document at a path. */
  fieldsFor(path: string): string[]
}

interface WireAnswers {
  readonly date: HttpDate
  readonly site: SiteFields | undefined
  readonly get: WireAnswer
  readonly head: WireAnswer
}

/** A file that is in memory. */
export class HotFile {
  readonly kind = 'hot'
  /** Where it lies on the disk. */
  readonly file: string
  readonly representation: Representation
  /** The fields of a whole answer, Content-Length and digest included. */
  readonly fields: string[]
  /** SHA-256 in base64. */
  readonly digest: string
  #content: Buffer
  #answers: WireAnswers | undefined

  constructor(file: string, representation: Representation, content: Buffer) {
    this.file = file
    this.representation = representation
    this.digest = hash('sha256', content, 'base64')
    this.fields = [
      ...representation.fields,
      'Content-Length',
      String(content.length),
      // What comes from a tree has it already.
      ...(representation.fields.includes(REPR_DIGEST)
        ? []
        : [REPR_DIGEST, `sha-256=:${this.digest}:`])
    ]
    this.#content = content
  }

  get content(): Buffer {
    return this.#content
  }

  /** The whole answer to a plain request on a connection that stays open; `persistence` are the field lines that say so. */
  answer(
    method: 'GET' | 'HEAD',
    date: HttpDate,
    persistence: string,
    { site, path }: { readonly site: SiteFields | undefined; readonly path: string } = NO_SITE
  ): WireAnswer {
    if (this.#answers?.date !== date || this.#answers.site !== site) {
      this.#answers = this.#prepare(date, persistence, site, path)
    }

    return method === 'GET' ? this.#answers.get : this.#answers.head
  }

  /** Those of the site, and the digest in the form that goes with links to duplicates (RFC 6249 section 6). */
  fieldsOf(site: SiteFields, path: string): string[] {
    return [...site.fieldsFor(path), ...instanceDigest(this.digest)]
  }

  /** In new memory, since what was written a moment ago may not have left the old. */
  #prepare(
    date: HttpDate,
    persistence: string,
    site: SiteFields | undefined,
    path: string
  ): WireAnswers {
    const fields = site === undefined ? this.fields : [...this.fields, ...this.fieldsOf(site, path)]
    const head = Buffer.from(headOf(fields, date, persistence), 'latin1')
    const { length } = this.#content
    const bytes = Buffer.allocUnsafeSlow(head.length + length)

    bytes.set(head)
    bytes.set(this.#content, head.length)
    // The content is kept once.
    this.#content = bytes.subarray(head.length)

    return {
      date,
      site,
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

/** RFC 3230, which clients of RFC 6249 look for; `digest` is SHA-256 in base64. */
export function instanceDigest(digest: string): string[] {
  return ['Digest', `SHA-256=${digest}`]
}

const REPR_DIGEST = 'Repr-Digest'

const NO_SITE = { site: undefined, path: '' } as const

/** In the order in which Node writes it. */
function headOf(fields: readonly string[], date: HttpDate, persistence: string): string {
  let head = 'HTTP/1.1 200 OK\r\n'

  for (let index = 0; index < fields.length; index += 2) {
    head += `${fields[index]}: ${fields[index + 1]}\r\n`
  }

  return `${head}Date: ${date.text}\r\n${persistence}\r\n`
}
