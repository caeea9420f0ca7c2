import { valueOf, type Fields } from './fields.ts'

// RFC 9110 section 9.2.1, RFC 4918, RFC 5323 and RFC 3253: methods that change nothing.
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'REPORT', 'QUERY'])

/** The URLs whose stored responses have ended with a successful unsafe request (RFC 9111 section 4.4); never those of another origin. */
export function invalidated(method: string, url: string, status: number, fields: Fields): string[] {
  if (SAFE.has(method) || status < 200 || status > 399) {
    return []
  }

  const { origin } = new URL(url)
  const named = ['location', 'content-location']
    .map(name => valueOf(fields, name))
    .filter(location => location !== undefined)
    .map(location => URL.parse(location, url))
    .filter(target => target?.origin === origin)
    .map(target => target?.href.replace(/#.*$/, '') ?? '')

  return [...new Set([url, ...named])]
}
