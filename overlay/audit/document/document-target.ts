import { formatAddress, parseFullAddress, type FullAddress } from '../../../identity/index.ts'

/** What a folder is answered with. */
const INDEX = 'index.html'

/** Where a mirror has a document of a site for any HTTP client; an index stands at its folder, as people ask for it. */
export function documentTarget(site: FullAddress, path: readonly string[]): string {
  const names = path.at(-1) === INDEX ? [...path.slice(0, -1), ''] : path

  return `/${formatAddress(site)}/${names.map(encodeURIComponent).join('/')}`
}

/** The document that a request asks a mirror for; undefined for any other request, and any other spelling of this one. */
export function documentAsked(
  target: string
): { readonly site: FullAddress; readonly path: readonly string[] } | undefined {
  const [, address, rest = ''] = /^\/([^/?]+)\/([^?]*)$/.exec(target) ?? []

  if (address == null) return undefined

  try {
    const site = parseFullAddress(address)
    const names = rest.split('/').map(decodeURIComponent)
    const path = names.at(-1) === '' ? [...names.slice(0, -1), INDEX] : names

    return documentTarget(site, path) === target ? { site, path } : undefined
  } catch {
    return undefined
  }
}
