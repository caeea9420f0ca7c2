import type { Component } from './component.ts'

/** The head of a request; `target` in origin form, names of fields in lower case. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  readonly authority?: string
  readonly scheme?: string
  readonly fields?: HeadFields
}

/** A message and, where it is an answer, the request that it answers. */
export interface MessageHead {
  readonly request: RequestHead
  /** Undefined where the request itself is signed. */
  readonly answer?: { readonly status: number; readonly fields: HeadFields } | undefined
}

/** By name in lower case; several lines of one name as a list. */
export type HeadFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** The value of a component (RFC 9421 sections 2.1 and 2.2), undefined where the message has none. */
export function valueOf(component: Component, message: MessageHead): string | undefined {
  const { name, ofRequest } = component
  const { answer, request } = message

  if (!name.startsWith('@')) {
    return fieldValue(ofRequest || answer == null ? request.fields : answer.fields, name)
  }
  if (name === '@status') return ofRequest || answer == null ? undefined : String(answer.status)

  // What an answer has of these is its request's, and has to say so.
  return ofRequest === (answer != null) ? derivedOf(request, name) : undefined
}

/** Lines of one name become one value, without the space around them (section 2.1). */
function fieldValue(fields: HeadFields | undefined, name: string): string | undefined {
  const value = fields?.[name]

  if (value == null) return undefined

  return typeof value === 'string' ? value.trim() : value.map(line => line.trim()).join(', ')
}

function derivedOf(request: RequestHead, name: string): string | undefined {
  const { method, target, authority, scheme } = request
  const query = target.indexOf('?')

  switch (name) {
    case '@method':
      return method
    case '@request-target':
      return target
    case '@authority':
      return authority?.toLowerCase()
    case '@scheme':
      return scheme?.toLowerCase()
    case '@target-uri':
      return scheme == null || authority == null ? undefined : `${scheme}://${authority}${target}`
    case '@path':
      return query < 0 ? target : target.slice(0, query)
    case '@query':
      return query < 0 ? '?' : target.slice(query)
    default:
      return undefined
  }
}
