import { MAX_TOLD, mirroredUri, type ListedMirror } from '../../overlay/agreements/index.ts'

/**
 * Where else the document at `path` is, for any HTTP client (RFC 6249): `<https://…>; rel=duplicate; pri=1`; undefined where nowhere. Certificates of nodes are their own,
 * which such a client cannot judge: it is given a URI without TLS where there is one, and checks by the digest.
 */
export function linkField(mirrors: readonly ListedMirror[], path: string): string | undefined {
  const target = inLink(path)
  const links = mirrors.slice(0, MAX_TOLD).flatMap(mirror => {
    const uri = mirroredUri({ ...mirror, uris: [plainUri(mirror)].filter(isText) }, target)

    return uri === undefined ? [] : [`<${uri}>; rel=duplicate; pri=${mirror.priority}`]
  })

  return links.length === 0 ? undefined : links.join(', ')
}

/** Without a query, which names no other file, and without what would end the link. */
function inLink(path: string): string {
  const query = path.indexOf('?')
  const file = query < 0 ? path : path.slice(0, query)

  return file.replace(/[<>"\\^`{|}]/g, letter => encodeURIComponent(letter))
}

function plainUri({ uris, node }: ListedMirror): string | undefined {
  const withoutTls = uris.find(uri => uri.startsWith('http:'))

  return node === undefined ? uris[0] : (withoutTls ?? uris[0])
}

function isText(text: string | undefined): text is string {
  return text !== undefined
}
