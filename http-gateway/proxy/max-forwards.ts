import type { IncomingHttpHeaders } from 'node:http'
import type { Fields } from '../cache/fields.ts'

// RFC 9110 section 9.3.8: what a TRACE would show to others.
const SECRET = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** How often a TRACE or OPTIONS may still be forwarded (RFC 9110 section 7.6.2); undefined where there is no bound. */
export function forwardsLeft(
  method: string,
  { headers }: { readonly headers: IncomingHttpHeaders }
): number | undefined {
  const field = headers['max-forwards']

  return (method === 'TRACE' || method === 'OPTIONS') &&
    typeof field === 'string' &&
    /^\d+$/.test(field)
    ? Number(field)
    : undefined
}

/** The same request one step further. */
export function withForwards(fields: Fields, left: number): string[] {
  return fields.map((value, index) =>
    index % 2 === 1 && fields[index - 1]?.toLowerCase() === 'max-forwards' ? String(left) : value
  )
}

/** The request as it came, for the answer to a TRACE that goes no further (RFC 9110 section 9.3.8). */
export function traced(target: string, version: string, rawHeaders: readonly string[]): Buffer {
  const lines = [`TRACE ${target} HTTP/${version}`]

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''

    if (!SECRET.has(name.toLowerCase())) {
      lines.push(`${name}: ${rawHeaders[index + 1] ?? ''}`)
    }
  }

  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
