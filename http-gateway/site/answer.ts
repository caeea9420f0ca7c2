import type { IncomingHttpHeaders } from 'node:http'
import { allowsRange, checkPreconditions } from './conditional.ts'
import { readRange, type ByteRange } from './range.ts'
import type { Representation } from './representation.ts'

export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 412 | 416
  readonly fields: string[]
  /** What is to be sent; undefined for none. */
  readonly range: ByteRange | undefined
}

/** What a GET or HEAD for a file is answered with. */
export function answerFor(headers: IncomingHttpHeaders, file: Representation): FileAnswer {
  const verdict = checkPreconditions(headers, file)

  if (verdict === 'send') {
    return sendable(headers, file)
  }

  return verdict === 'not-modified'
    ? { status: 304, fields: file.fields, range: undefined }
    : { status: 412, fields: [], range: undefined }
}

function sendable(headers: IncomingHttpHeaders, file: Representation): FileAnswer {
  const { size } = file
  const field = headers.range
  const range =
    field !== undefined && allowsRange(headers['if-range']?.toString(), file)
      ? readRange(field, size)
      : undefined

  if (range === 'unsatisfiable') {
    return { status: 416, fields: ['Content-Range', `bytes */${size}`], range: undefined }
  }

  if (range === undefined) {
    return {
      status: 200,
      fields: [...file.fields, 'Content-Length', String(size)],
      range: size === 0 ? undefined : { start: 0, end: size - 1 }
    }
  }

  return {
    status: 206,
    fields: [
      ...file.fields,
      'Content-Length',
      String(range.end - range.start + 1),
      'Content-Range',
      `bytes ${range.start}-${range.end}/${size}`
    ],
    range
  }
}
