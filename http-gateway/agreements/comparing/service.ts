import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import { HttpSource, SourceError, type HttpGet } from '../../../overlay/content/fetch/index.ts'
import type { CheckedMirror, CheckMirror, Comparison } from '../mirror-check.ts'
import { Ranges, type DrawnRange } from '../ranges/service.ts'

export interface ComparingOptions {
  readonly own: FullAddress
  readonly nodeGetter: (address: FullAddress) => HttpGet
  readonly webGetter: (url: URL) => HttpGet
}

// Parts that one comparison asks for.
const RANGES = 4

/** Compares by asking the mirror itself, from this node, at each of its places in turn. */
export function directCheck(options: ComparingOptions): CheckMirror {
  return async (mirror, tree, signal) => {
    const root = tree.site?.root

    if (root === undefined) return untold('There is no signed tree.', 0)

    const ranges = new Ranges(tree, root)
    const folder = mirror.prefix.split('/').filter(Boolean).map(decodeURIComponent)
    const places = placesOf(mirror, options)

    for (let count = 0; count < RANGES; count++) {
      let range: DrawnRange | undefined

      try {
        range = await ranges.draw(folder, signal)
      } catch {
        return untold('The site changed while it was compared.', count)
      }

      const source = places[count % places.length]

      // An empty folder is the same everywhere.
      if (range === undefined || source === undefined) break

      const fault = await compare(source, range, folder.length, signal)

      if (fault !== undefined) return { ...fault, ranges: count + 1 }
    }

    return { isGood: true, differs: false, ranges: RANGES }
  }
}

function placesOf(
  { node, uris }: CheckedMirror,
  { own, nodeGetter, webGetter }: ComparingOptions
): HttpSource[] {
  const places = uris
    .flatMap(uri => URL.parse(uri) ?? [])
    .map(
      url => new HttpSource({ id: url.href, kind: 'web', get: webGetter(url), files: url.pathname })
    )

  return places.length > 0 || node === undefined
    ? places
    : [
        new HttpSource({
          id: formatAddress(node),
          kind: 'node',
          get: nodeGetter(node),
          files: `/${formatAddress(own)}/`
        })
      ]
}

async function compare(
  { id, range }: HttpSource,
  { path, start, bytes, size }: DrawnRange,
  depth: number,
  signal: AbortSignal
): Promise<Omit<Comparison, 'ranges'> | undefined> {
  const end = start + bytes.length
  const what = `/${path.join('/')}, bytes ${start} to ${end}: ${id}`

  // RFC 9110 section 14.1.2: an empty file has no range.
  if (range === undefined || bytes.length === 0) return undefined

  try {
    const got = await Array.fromAsync(range(path.slice(depth), start, end, { signal, size }))

    return Buffer.concat(got).equals(bytes)
      ? undefined
      : { isGood: false, differs: true, reason: `${what} sent other bytes.` }
  } catch (error) {
    const differs =
      error instanceof SourceError && (error.kind === 'wrong' || error.kind === 'absent')

    return { isGood: false, differs, reason: `${what} ${errorMessage(error)}.` }
  }
}

function untold(reason: string, ranges: number): Comparison {
  return { isGood: false, differs: false, ranges, reason }
}
