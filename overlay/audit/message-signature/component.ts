import type { Item } from 'structured-headers'

/** What a signature covers of a message, RFC 9421 section 2: a field, or what is derived from the head. */
export interface Component {
  /** A field in lower case, or a derived component such as `@path`. */
  readonly name: string
  /** Whether it is that of the request which the message answers (section 2.4). */
  readonly ofRequest: boolean
  /** As it stands in the list of a signature: `"@path";req`. */
  readonly text: string
}

/** Field names (RFC 9110 section 5.6.2) in lower case, or derived ones. */
const NAME = /^@?[a-z0-9!#$%&'*+.^_`|~-]+$/

export function component(name: string, { ofRequest = false } = {}): Component {
  return { name, ofRequest, text: `"${name}"${ofRequest ? ';req' : ''}` }
}

/** A component of a list, undefined for one with parameters other than `req`, none of which are read here. */
export function readComponent([name, parameters]: Item): Component | undefined {
  if (typeof name !== 'string' || !NAME.test(name)) return undefined

  const ofRequest = parameters.get('req') === true

  return parameters.size === (ofRequest ? 1 : 0) ? component(name, { ofRequest }) : undefined
}
