import { without, type Fields } from './fields.ts'
import type { StoredResponse } from './stored-response.ts'

const CLIENT_CONDITIONS = new Set([
  'if-none-match',
  'if-modified-since',
  'if-range',
  'range',
  'if-match',
  'if-unmodified-since'
])

/** A request that asks whether a stored response still holds (RFC 9111 section 4.3.1), in place of what the client asked with conditions of its own. */
export function validating(request: Fields, { etag, modified }: StoredResponse): string[] {
  return [
    ...unconditional(request),
    ...(etag === undefined ? [] : ['if-none-match', etag]),
    ...(modified === undefined ? [] : ['if-modified-since', modified])
  ]
}

/** The same request for the whole document, whatever its client has of it. */
export function unconditional(request: Fields): string[] {
  return without(request, name => CLIENT_CONDITIONS.has(name.toLowerCase()))
}

export function canBeValidated({ etag, modified, part }: StoredResponse): boolean {
  return part === undefined && (etag !== undefined || modified !== undefined)
}
