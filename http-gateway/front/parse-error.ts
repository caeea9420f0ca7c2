import { pageOf } from '../pages/page.ts'
import { titleOf, type Problem } from '../pages/problem.ts'
import { badRequest, methodUnknown, versionUnknown } from '../pages/request-problems.ts'

// The first byte of a TLS handshake.
const TLS_HANDSHAKE = 22
// A version that is known, or none that could be, and then anything but the end of the line.
const MALFORMED_LINE = / HTTP\/(?:1\.[01](?!\r\n)|(?!\d\.\d\r\n))/
const METHOD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) /

/** A failure of Node’s parser. */
export interface ParseError extends Error {
  readonly code?: string
  /** The bytes that were read last, of earlier requests perhaps too. */
  readonly rawPacket?: Buffer
  /** How many of them were understood. */
  readonly bytesParsed?: number
}

/** What is wrong with a request that the parser refused or that came too slowly. */
export function parseProblem({ code, rawPacket, bytesParsed = 0 }: ParseError): Problem {
  switch (code ?? '') {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        code: 'PLEXNET_REQUEST_TIMEOUT',
        detail: 'The request did not arrive in time.',
        advice: ['Send it again, over a faster connection if there is one.']
      }
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'PLEXNET_HEADERS_TOO_LARGE',
        detail: 'The header fields of the request are too large.',
        advice: ['Send fewer or shorter fields; in a browser, clear the cookies of this site.']
      }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        status: 413,
        code: 'PLEXNET_CONTENT_TOO_LARGE',
        detail: 'The chunk extensions of the request are too large.',
        advice: ['Send the content without chunk extensions.']
      }
    case 'HPE_INVALID_VERSION':
      return versionProblem(rawPacket)
    case 'HPE_INVALID_METHOD':
      return methodProblem(rawPacket?.subarray(lineStart(rawPacket, bytesParsed)))
    default:
      return badRequest('The request does not follow the grammar of HTTP/1.1.')
  }
}

function lineStart(packet: Buffer, position: number): number {
  return position === 0 ? 0 : packet.lastIndexOf('\n', position - 1) + 1
}

/** The whole answer as it goes over the wire; the connection ends with it. */
export function rawAnswer(
  problem: Problem,
  packet: Buffer | undefined,
  server: string,
  date: string
): Buffer {
  const accept = packet?.includes('text/html') === true ? 'text/html' : undefined
  const { status, fields, body } = pageOf(problem, accept, server)
  const lines = [`HTTP/1.1 ${status} ${titleOf(status)}`, `Date: ${date}`, 'Connection: close']

  for (let index = 0; index < fields.length; index += 2) {
    lines.push(`${fields[index]}: ${fields[index + 1]}`)
  }

  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

/** The parser reports whatever stands after a version as a fault of the version. */
function versionProblem(packet: Buffer | undefined): Problem {
  const text = packet?.toString('latin1') ?? ''

  return MALFORMED_LINE.test(text)
    ? badRequest('The request line does not end as it should.')
    : versionUnknown()
}

function methodProblem(packet: Buffer | undefined): Problem {
  if (packet?.[0] === TLS_HANDSHAKE) {
    return badRequest('This port speaks HTTP without TLS; open the https address instead.')
  }

  const [, method] = METHOD.exec(packet?.toString('latin1', 0, 64) ?? '') ?? []

  return method === undefined
    ? badRequest('The request does not begin with a method.')
    : methodUnknown(method)
}
