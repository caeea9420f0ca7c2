import type { IncomingHttpHeaders } from 'node:http'
import { isWhole, limitedTo, secondsOf } from './directives.ts'
import { valueOf, without, type Fields } from './fields.ts'
import { isHeuristic, isUnderstood } from './statuses.ts'
import type { Rule } from './targeted.ts'

export interface Exchanged {
  readonly method: string
  /** The effective URI of the request. */
  readonly url: string
  readonly request: IncomingHttpHeaders
  readonly status: number
  readonly response: Fields
  readonly rule: Rule
}

/** Whether a shared cache may store a response (RFC 9111 section 3), and would have use for it. */
export function mayStore(exchanged: Exchanged): boolean {
  const { method, request, status, response, rule } = exchanged
  const { directives } = rule

  return (
    (method === 'GET' || (method === 'POST' && answersGet(exchanged))) &&
    status >= 200 &&
    status <= 599 &&
    status !== 304 &&
    !(directives.has('must-understand') ? !isUnderstood(status) : directives.has('no-store')) &&
    !isWhole(directives, 'private') &&
    (request.authorization === undefined || isForAll(directives)) &&
    (hasLifetime(rule, response) || directives.has('public') || isHeuristic(status)) &&
    (hasLifetime(rule, response) || hasValidator(response))
  )
}

/** The fields that are stored: those of `private="…"` are for one reader (RFC 9111 section 5.2.2.7). */
export function storedFields(response: Fields, { directives }: Rule): Fields {
  const named = limitedTo(directives, 'private')

  return named === undefined ? response : without(response, name => named.includes(name))
}

/** RFC 9111 section 3.5 */
function isForAll(directives: Rule['directives']): boolean {
  return directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
}

/** RFC 9110 section 9.3.3: the answer to a POST stands for the document where it says so and for how long. */
function answersGet({ url, response, rule }: Exchanged): boolean {
  const location = valueOf(response, 'content-location')

  return (
    location !== undefined && URL.parse(location, url)?.href === url && hasLifetime(rule, response)
  )
}

function hasLifetime({ directives, isTargeted }: Rule, response: Fields): boolean {
  return (
    secondsOf(directives, 's-maxage') !== undefined ||
    secondsOf(directives, 'max-age') !== undefined ||
    (!isTargeted && valueOf(response, 'expires') !== undefined)
  )
}

function hasValidator(response: Fields): boolean {
  return valueOf(response, 'etag') !== undefined || valueOf(response, 'last-modified') !== undefined
}
