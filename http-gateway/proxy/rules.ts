/** A part of the address space that is answered by another server. */
export interface ProxyRule {
  /** Undefined for all names of this node. */
  readonly host: string | undefined
  /** Begins with a slash. */
  readonly path: string
  /** Scheme, name and port. */
  readonly origin: string
  /** What takes the place of `path`; undefined where it stays. */
  readonly base: string | undefined
}

const RULE = /^([a-z0-9.-]*)(\/[^=\s]*)=(https?:\/\/[^/\s?#@]+)(\/[^\s?#]*)?$/i

// A segment of two dots, in all the ways in which servers read one.
const CLIMBING = /^[^?]*(?:[/\\]|%2f|%5c)(?:\.|%2e){2}(?:[/\\?;]|%2f|%5c|$)/i

/**
 * Reads `/app/=http://127.0.0.1:3000`, or with a host before the path; a path behind the origin takes the place of that before the
 * equals sign. Undefined for what is no rule.
 */
export function parseRule(text: string): ProxyRule | undefined {
  const [, host = '', path = '', origin = '', base] = RULE.exec(text) ?? []

  return path === '' || !URL.canParse(origin)
    ? undefined
    : {
        host: host === '' ? undefined : host.toLowerCase(),
        path,
        origin: new URL(origin).origin,
        base
      }
}

/** The rule for a document: that with the longest path of those for its host (its port does not count), or else for any. */
export function ruleFor(
  rules: readonly ProxyRule[],
  host: string,
  path: string
): ProxyRule | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '')
  let best: ProxyRule | undefined

  for (const rule of rules) {
    if ((rule.host === undefined || rule.host === name) && covers(rule.path, path)) {
      best = best === undefined || isCloser(rule, best) ? rule : best
    }
  }

  return best
}

/** The target of a request as the origin knows it. */
export function targetAt({ path: prefix, base }: ProxyRule, path: string): string {
  return base === undefined ? path : withSlash(base + path.slice(prefix.length))
}

/** A URL that the origin names in Location or Content-Location, as its readers know it. */
export function locationFrom({ path: prefix, origin, base }: ProxyRule, location: string): string {
  const before = `${origin}${base ?? prefix}`

  return location.startsWith(before) ? `${prefix}${location.slice(before.length)}` : location
}

function covers(prefix: string, path: string): boolean {
  return (
    path.startsWith(prefix) &&
    (prefix === '/' || !climbs(path)) &&
    (prefix.endsWith('/') ||
      path.length === prefix.length ||
      '/?'.includes(path[prefix.length] ?? ''))
  )
}

/** The server behind might take the path for one that lies outside of what the rule gives away. */
function climbs(path: string): boolean {
  return (path.includes('.') || path.includes('%2')) && CLIMBING.test(path)
}

function isCloser(one: ProxyRule, other: ProxyRule): boolean {
  return (one.host === undefined) === (other.host === undefined)
    ? one.path.length > other.path.length
    : one.host !== undefined
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}
