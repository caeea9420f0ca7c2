import type { IncomingHttpHeaders } from 'node:http'

// RFC 9110 section 7.6.1, with the fields between a client and a proxy, and those that each connection makes anew.
const OF_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
])

// What decides about framing, routing, conditions or secrets may not come after the content (RFC 9110 section 6.5.1).
const NOT_IN_TRAILERS = new Set([
  ...OF_CONNECTION,
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'cache-control',
  'expect',
  'max-forwards',
  'pragma',
  'range',
  'authorization',
  'set-cookie',
  'age',
  'expires',
  'date',
  'location',
  'retry-after',
  'vary',
  'warning'
])

// RFC 9110 section 5.5: a field with anything else cannot be sent on.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

export function isOfConnection(name: string, connection: readonly string[] | undefined): boolean {
  return OF_CONNECTION.has(name) || connection?.includes(name) === true
}

/** The fields that a Connection field names, in lower case; undefined for the usual ones, which name none. */
export function namedBy(connection: string | undefined): readonly string[] | undefined {
  return connection === undefined || /^(?:keep-alive|close)$/i.test(connection)
    ? undefined
    : connection.split(',').map(token => token.trim().toLowerCase())
}

/** The fields of an answer that go on to the client, names in lower case and values in turn; undefined where one of them cannot be sent. */
export function endToEnd(headers: IncomingHttpHeaders): string[] | undefined {
  const connection = headers.connection
  const named = namedBy(Array.isArray(connection) ? connection.join(',') : connection)
  const fields: string[] = []

  for (const name of Object.keys(headers)) {
    if (isOfConnection(name, named)) {
      continue
    }

    const lines = headers[name]

    for (const line of typeof lines === 'string' ? [lines] : (lines ?? [])) {
      if (!NAME.test(name) || !VALUE.test(line)) {
        return undefined
      }

      fields.push(name, line)
    }
  }

  return fields
}

/** The fields after the content that may be passed on. */
export function trailerFields(headers: IncomingHttpHeaders): string[] {
  return (endToEnd(headers) ?? []).filter((_, index, fields) => {
    const name = fields[index - (index % 2)] ?? ''

    return !NOT_IN_TRAILERS.has(name)
  })
}
