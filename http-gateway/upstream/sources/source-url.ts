import { formatAddress, readFullAddress, type FullAddress } from '../../../identity/index.ts'

/** A place besides the publisher where a site, or any block, may be read. */
export interface ListedSource {
  readonly kind: 'web' | 'gateway'
  /** http or https, its path ending in a slash; no credentials, query or fragment. */
  readonly url: URL
  /** The site that is there; undefined for a trustless gateway that is asked about every site. */
  readonly site: FullAddress | undefined
}

const FORM = /^(web|gateway)\+(https?:\/\/[^#]+)(?:#(.+))?$/i

/**
 * Reads `web+https://mirror.example/copy/#<uuid>.<fp>`, the copy of a site on an ordinary web server, or
 * `gateway+https://ipfs.example/`, a trustless gateway, with the site's address behind # where it has one site only; undefined for what is neither.
 */
export function readListedSource(text: string): ListedSource | undefined {
  const [, kind, address, fragment] = FORM.exec(text) ?? []
  const url = address === undefined ? null : URL.parse(address)

  if (url === null || url.username !== '' || url.password !== '' || url.search !== '') {
    return undefined
  }

  if (!url.pathname.endsWith('/')) {
    url.pathname += '/'
  }

  const site = fragment === undefined ? undefined : readFullAddress(fragment)

  if (site === undefined && (fragment !== undefined || kind?.toLowerCase() === 'web')) {
    return undefined
  }

  return { kind: kind?.toLowerCase() === 'web' ? 'web' : 'gateway', url, site }
}

/** Whether a source is asked about a site. */
export function serves({ site }: ListedSource, address: FullAddress): boolean {
  return site === undefined || formatAddress(site) === formatAddress(address)
}
