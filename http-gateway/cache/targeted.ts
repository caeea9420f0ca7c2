import { parseDictionary } from 'structured-headers'
import { parseDirectives, type Directives } from './directives.ts'
import { valueOf, type Fields } from './fields.ts'
import { readSurrogateControl } from './surrogate.ts'

// RFC 9213: the fields meant for a cache of this kind, the more specific first.
const TARGETS = ['cdn-cache-control']

/** The directives that rule a response here, and whether Expires counts beside them. */
export interface Rule {
  readonly directives: Directives
  readonly isTargeted: boolean
}

/**
 * The directives of the first targeted field that can be read, or else of Cache-Control (RFC 9213 section 2.2). `isSurrogate`: this node
 * stands before the server by the will of its owner.
 */
export function ruleOf(fields: Fields, isSurrogate: boolean): Rule {
  for (const name of TARGETS) {
    const directives = readTargeted(valueOf(fields, name))

    if (directives !== undefined) {
      return { directives, isTargeted: true }
    }
  }

  const surrogate = isSurrogate
    ? readSurrogateControl(valueOf(fields, 'surrogate-control'))
    : undefined

  if (surrogate !== undefined) {
    return { directives: surrogate, isTargeted: true }
  }

  return { directives: parseDirectives(valueOf(fields, 'cache-control')), isTargeted: false }
}

function readTargeted(field: string | undefined): Directives | undefined {
  if (field === undefined) {
    return undefined
  }

  try {
    const directives = new Map<string, string | undefined>()

    for (const [name, [value]] of parseDictionary(field)) {
      // RFC 9213 section 2.1: integers for seconds, booleans for what has no argument; a directive of another type is ignored.
      if (typeof value === 'number' && Number.isInteger(value)) {
        directives.set(name, String(value))
      } else if (value === true) {
        directives.set(name, undefined)
      } else if (typeof value === 'string' && !isNumeric(name)) {
        directives.set(name, value)
      }
    }

    return directives.size > 0 ? directives : undefined
  } catch {
    return undefined
  }
}

function isNumeric(name: string): boolean {
  return name.endsWith('age') || name.startsWith('stale-')
}
