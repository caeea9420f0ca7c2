import { UsageError } from './errors.ts'

/** A document of a node; the node itself checks the address. */
export interface Target {
  readonly address: string
  /** With its leading '/' and the query, percent-encoded. */
  readonly path: string
}

const LOCALHOST = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * '<address>/path', or what a browser shows: 'http://<label>.localhost:8010/path', 'http://localhost:8010/<address>/path'.
 * @throws UsageError
 */
export function parseTarget(text: string): Target {
  if (/^https?:\/\//i.test(text)) {
    return targetOfUrl(parseUrl(text, text))
  }
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)

  if (address === '') {
    throw notTarget(text)
  }
  // No base ends in a path, so that '..' cannot climb out of it.
  const { pathname, search } = parseUrl(
    `http://localhost${slash === -1 ? '/' : text.slice(slash)}`,
    text
  )

  return { address, path: `${pathname}${search}` }
}

/** Where a redirect leads on the same node; undefined where it leads away. */
export function resolvePath(path: string, location: string): string | undefined {
  const url = URL.parse(location, `http://localhost${path}`)

  return url?.host === 'localhost' ? `${url.pathname}${url.search}` : undefined
}

function targetOfUrl(url: URL): Target {
  const { hostname, pathname, search } = url
  const [, label] = /^([^.]+)\.localhost$/.exec(hostname) ?? []

  if (label != null) {
    return { address: label, path: `${pathname}${search}` }
  }
  const [, address, path = '/'] = /^\/([^/]+)(\/.*)?$/.exec(pathname) ?? []

  if (address == null || !LOCALHOST.has(hostname)) {
    throw notTarget(url.href)
  }

  return { address, path: `${path}${search}` }
}

function parseUrl(url: string, text: string): URL {
  const parsed = URL.parse(url)

  if (parsed == null) {
    throw notTarget(text)
  }

  return parsed
}

function notTarget(text: string): UsageError {
  return new UsageError(
    `${JSON.stringify(text)} names no document of a node: write <uuid>/path, <uuid>.<fp>/path, or the URL that a browser shows for it`
  )
}
