import { LRUCache } from 'lru-cache'

/** A GET or HEAD that says nothing which could change the answer but the path, the Host and the codings it accepts. */
export interface PlainRequest {
  readonly method: 'GET' | 'HEAD'
  readonly target: string
  readonly fields: PlainFields
  /** Where the next request begins. */
  readonly end: number
}

export interface PlainFields {
  readonly host: string
  readonly acceptEncoding: string | undefined
  /** The field lines, each begun by CRLF. */
  readonly text: string
}

/** The largest request line with its fields that is read here, in characters; browsers send less than 1 KiB. */
export const MAX_PLAIN_HEAD = 4096

// Clients on one machine have a few sets of fields between them.
const REMEMBERED_FIELDS = 256

// What a parser of any strictness agrees on.
const TARGET = /^\/[!$-~]*$/
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t -~\u0080-\u00ff]*)$/
const KEEP_ALIVE = /^keep-alive$/i
const END_OF_LINE = ' HTTP/1.1'

/** Fields that are no part of the answer. What is not named here may be: of conditions, ranges, content, proxies, other protocols. */
const WITHOUT_EFFECT = new Set([
  'accept',
  'accept-charset',
  'accept-language',
  'cache-control',
  'cookie',
  'dnt',
  'from',
  'origin',
  'pragma',
  'priority',
  'referer',
  'save-data',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-gpc',
  'sec-purpose',
  'upgrade-insecure-requests',
  'user-agent'
])

/** Reads requests of one shape, and leaves all others to a parser of the whole grammar. */
export class PlainReader {
  readonly #known = new LRUCache<string, PlainFields | 'other'>({ max: REMEMBERED_FIELDS })

  /** The request that begins at a position, in Latin-1; undefined where it is not all there, or not plain. */
  read(text: string, at: number): PlainRequest | undefined {
    const method = methodAt(text, at)
    const lineEnd = text.indexOf('\r\n', at)
    const headEnd = lineEnd < 0 ? -1 : text.indexOf('\r\n\r\n', lineEnd)

    if (method === undefined || headEnd < 0 || headEnd - at > MAX_PLAIN_HEAD) {
      return undefined
    }

    const targetEnd = lineEnd - END_OF_LINE.length
    const target = text.slice(at + method.length + 1, targetEnd)

    if (!text.startsWith(END_OF_LINE, targetEnd) || !TARGET.test(target)) {
      return undefined
    }

    const fields = this.#fields(text, lineEnd, headEnd)

    return fields === 'other' ? undefined : { method, target, fields, end: headEnd + 4 }
  }

  #fields(text: string, start: number, end: number): PlainFields | 'other' {
    const part = text.slice(start, end)
    const known = this.#known.get(part)

    if (known !== undefined) {
      return known
    }

    const fields = readFields(part)

    // A part keeps the whole in memory.
    if (text.length <= MAX_PLAIN_HEAD) {
      this.#known.set(part, fields)
    }

    return fields
  }
}

/** The first field of a name, in lower case. */
export function fieldOf({ text }: PlainFields, name: string): string | undefined {
  for (const line of text.split('\r\n')) {
    const [, found = '', value] = FIELD.exec(line) ?? []

    if (found.toLowerCase() === name) {
      return value?.trimEnd()
    }
  }

  return undefined
}

function methodAt(text: string, at: number): 'GET' | 'HEAD' | undefined {
  if (text.startsWith('GET ', at)) {
    return 'GET'
  }

  return text.startsWith('HEAD ', at) ? 'HEAD' : undefined
}

function readFields(text: string): PlainFields | 'other' {
  let host: string | undefined
  let acceptEncoding: string | undefined

  for (const line of text.split('\r\n').slice(1)) {
    const [, name = '', padded = ''] = FIELD.exec(line) ?? []
    const key = name.toLowerCase()
    const value = padded.replace(/[\t ]+$/, '')

    if (key === 'host' && host === undefined) {
      host = value
    } else if (key === 'accept-encoding' && acceptEncoding === undefined) {
      acceptEncoding = value
    } else if (!WITHOUT_EFFECT.has(key) && !(key === 'connection' && KEEP_ALIVE.test(value))) {
      return 'other'
    }
  }

  return host === undefined ? 'other' : { host, acceptEncoding, text }
}
