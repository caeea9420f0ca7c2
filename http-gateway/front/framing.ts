import type { IncomingHttpHeaders } from 'node:http'
import type { Problem } from '../pages/problem.ts'
import { badRequest, codingUnknown, expectationUnknown } from '../pages/request-problems.ts'

interface Framed {
  readonly minorVersion: number
  readonly headers: IncomingHttpHeaders
}

const CODING = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Why the end of a request cannot be told, or its content not be decoded (RFC 9112 sections 6.1 and 6.3); the connection ends with the answer. */
export function framingProblem({ headers, minorVersion }: Framed): Problem | undefined {
  const field = headers['transfer-encoding']?.toLowerCase()

  if (field === undefined || (field === 'chunked' && minorVersion > 0)) {
    return undefined
  }

  if (minorVersion === 0) {
    return closing(badRequest('HTTP/1.0 has no Transfer-Encoding.'))
  }

  const codings = field.split(',').map(coding => coding.trim())
  const isChunkedLast = codings.indexOf('chunked') === codings.length - 1

  return isChunkedLast && codings.every(coding => CODING.test(coding))
    ? closing(codingUnknown(field))
    : closing(badRequest('The Transfer-Encoding does not tell where the request ends.'))
}

/** RFC 9110 section 10.1.1: of expectations only one is known, and HTTP/1.0 has none. */
export function expectationProblem({ headers, minorVersion }: Framed): Problem | undefined {
  const { expect } = headers

  return expect === undefined || minorVersion === 0 || /^100-continue$/i.test(expect)
    ? undefined
    : closing(expectationUnknown())
}

function closing(problem: Problem): Problem {
  return { ...problem, fields: { ...problem.fields, Connection: 'close' } }
}
