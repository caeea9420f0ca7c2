import type { IncomingHttpHeaders } from 'node:http'
import { SURROGATE } from '../cache/surrogate.ts'
import { addVia } from '../upstream/via.ts'
import { isOfConnection, namedBy } from './hop-by-hop.ts'

export interface Asking {
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingHttpHeaders
  /** HTTP version of the request. */
  readonly version: string
  readonly pseudonym: string
}

// Made anew for each connection, or by this node alone.
const MADE_HERE = new Set(['host', 'via', 'expect'])

// A server behind this node believes them, so that they may only come from here.
const FORWARDED = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-prefix',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-real-ip',
  'surrogate-capability'
])

/** The header fields with which a client's request goes on to a web server of its choice, names and values in turn. */
export function fieldsForWeb(asking: Asking): string[] {
  const { headers, version, pseudonym } = asking

  return [
    ...passed(asking, MADE_HERE),
    ...(takesTrailers(headers) ? ['te', 'trailers'] : []),
    'via',
    addVia(headers.via, version, pseudonym)
  ]
}

export interface Front {
  readonly client: string
  readonly host: string
  readonly scheme: string
  /** The path that the origin does not see. */
  readonly prefix: string | undefined
}

/** The same for a server that this node stands before: it is told who asked, and for what. */
export function fieldsForOrigin(asking: Asking, front: Front): string[] {
  const { headers, version, pseudonym } = asking
  const { client, host, scheme, prefix } = front
  const isIpv6 = client.includes(':')

  return [
    ...passed(asking, MADE_HERE).filter((_, index, fields) => {
      const name = fields[index - (index % 2)]?.toLowerCase() ?? ''

      return !FORWARDED.has(name)
    }),
    ...(takesTrailers(headers) ? ['te', 'trailers'] : []),
    'x-forwarded-for',
    client,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    scheme,
    ...(prefix === undefined ? [] : ['x-forwarded-prefix', prefix]),
    'forwarded',
    `for=${isIpv6 ? `"[${client}]"` : client};host="${host}";proto=${scheme}`,
    'surrogate-capability',
    `${SURROGATE}="Surrogate/1.0"`,
    'via',
    addVia(headers.via, version, pseudonym)
  ]
}

/** The client reads fields after the content (RFC 9110 section 10.1.4). */
export function takesTrailers({ te }: IncomingHttpHeaders): boolean {
  return typeof te === 'string' && /(?:^|,)\s*trailers\s*(?:,|$)/i.test(te)
}

function passed({ rawHeaders, headers }: Asking, isMadeHere: ReadonlySet<string>): string[] {
  const named = namedBy(headers.connection)
  const fields: string[] = []

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const key = name.toLowerCase()

    if (!isMadeHere.has(key) && !isOfConnection(key, named)) {
      fields.push(name, rawHeaders[index + 1] ?? '')
    }
  }

  return fields
}
