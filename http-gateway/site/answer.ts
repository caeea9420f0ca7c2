import type { IncomingHttpHeaders } from 'node:http'
import { allowsRange, checkPreconditions } from './conditional.ts'
import { multipart } from './multipart.ts'
import { readRanges, type ByteRange } from './range.ts'
import type { Representation } from './representation.ts'

export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 412 | 416
  readonly fields: string[]
  /** What is to be sent in turn: parts of the file, and what stands between them. */
  readonly content: readonly (ByteRange | string)[]
}

export interface FileRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** A text that no file contains but by chance. */
  readonly newBoundary: () => string
}

/** What a GET or HEAD for a file is answered with. */
export function answerFor(request: FileRequest, file: Representation): FileAnswer {
  const verdict = checkPreconditions(request.headers, file)

  if (verdict === 'send') {
    return sendable(request, file)
  }

  return verdict === 'not-modified'
    ? { status: 304, fields: file.fields, content: [] }
    : { status: 412, fields: [], content: [] }
}

function sendable(request: FileRequest, file: Representation): FileAnswer {
  const { size } = file
  const ranges = rangesOf(request, file)

  if (ranges === 'unsatisfiable') {
    return { status: 416, fields: ['Content-Range', `bytes */${size}`], content: [] }
  }

  const [range, ...others] = ranges ?? []

  if (range === undefined) {
    return {
      status: 200,
      fields: [...file.fields, 'Content-Length', String(size)],
      content: size === 0 ? [] : [{ start: 0, end: size - 1 }]
    }
  }

  if (others.length > 0) {
    return {
      status: 206,
      ...multipart([range, ...others], file, request.newBoundary())
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
    content: [range]
  }
}

/** RFC 9110 section 14.2: a range has a meaning for GET alone. */
function rangesOf(
  { method, headers }: FileRequest,
  file: Representation
): ReturnType<typeof readRanges> {
  const field = headers.range

  return field !== undefined &&
    method === 'GET' &&
    allowsRange(headers['if-range']?.toString(), file)
    ? readRanges(field, file.size)
    : undefined
}
