/** Cache directives by lower-case name; undefined stands for one without an argument. */
export type Directives = ReadonlyMap<string, string | undefined>

// RFC 9111 section 1.2.2: a larger number is the largest that matters.
const MAX_SECONDS = 2 ** 31

const NONE: Directives = new Map()
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+/i
const SINGLE = new Set(['max-age', 's-maxage'])

/** What a Cache-Control field says (RFC 9111 section 5.2); what cannot be read of it is left out. */
export function parseDirectives(field: string | undefined): Directives {
  if (field === undefined || field === '') {
    return NONE
  }

  const directives = new Map<string, string | undefined>()

  for (const text of splitList(field)) {
    const name = NAME.exec(text)?.[0]

    if (name !== undefined) {
      note(directives, name.toLowerCase(), argumentOf(text.slice(name.length)))
    }
  }

  return directives
}

/**
 * The argument of a directive in seconds: undefined where there is no such directive, 0 where its argument is no number, which makes
 * the response stale (RFC 9111 section 4.2.1).
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  if (!directives.has(name)) {
    return undefined
  }

  const argument = directives.get(name) ?? ''

  return /^\d+$/.test(argument) ? Math.min(Number(argument), MAX_SECONDS) : 0
}

/** The field names that `no-cache` or `private` is limited to; undefined where it is meant without limits, or is not there. */
export function limitedTo(directives: Directives, name: string): string[] | undefined {
  return directives
    .get(name)
    ?.split(',')
    .map(one => one.trim().toLowerCase())
    .filter(one => one !== '')
}

/** `no-cache` or `private` without a list of fields: it counts for the whole response. */
export function isWhole(directives: Directives, name: string): boolean {
  return directives.has(name) && directives.get(name) === undefined
}

/** The members of a list, not divided at commas in quoted strings (RFC 9110 section 5.6.1). */
export function splitList(field: string): string[] {
  if (!field.includes('"')) {
    return field.split(',').map(member => member.trim())
  }

  const members: string[] = []
  let start = 0
  let isQuoted = false

  for (let index = 0; index < field.length; index++) {
    const character = field[index]

    if (isQuoted && character === '\\') {
      index++
    } else if (character === '"') {
      isQuoted = !isQuoted
    } else if (character === ',' && !isQuoted) {
      members.push(field.slice(start, index).trim())
      start = index + 1
    }
  }

  return [...members, field.slice(start).trim()]
}

function argumentOf(rest: string): string | undefined {
  if (rest === '') {
    return undefined
  }

  const [, quoted] = /^="((?:[^"\\]|\\.)*)"$/.exec(rest) ?? []

  // What is neither an argument nor a string is kept, so that it counts as wrong and not as missing.
  return quoted === undefined ? rest.replace(/^=/, '') : quoted.replaceAll(/\\(.)/g, '$1')
}

function note(
  directives: Map<string, string | undefined>,
  name: string,
  argument: string | undefined
): void {
  if (!directives.has(name)) {
    directives.set(name, argument)

    return
  }

  const before = directives.get(name)

  if (before === argument) {
    return
  }

  // RFC 9111 section 4.2.1: two lifetimes may be taken for none. Elsewhere the stricter counts.
  directives.set(
    name,
    SINGLE.has(name)
      ? ''
      : before === undefined || argument === undefined
        ? undefined
        : `${before},${argument}`
  )
}
