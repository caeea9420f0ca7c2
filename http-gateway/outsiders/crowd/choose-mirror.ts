import { hostOf, mirroredUri, type ListedMirror } from '../../../overlay/agreements/index.ts'

export interface Wanted {
  /** The target of the request. */
  readonly path: string
  /** Addresses and nodes that the client may be: a mirror is never sent to itself. */
  readonly client: { readonly address: string; readonly nodes: readonly string[] }
}

/** A place to be sent to. */
export interface Elsewhere {
  readonly mirror: ListedMirror
  readonly uri: string
}

const BLOCKS = '/ipfs/'

/** Where a client is sent: those that have the present version before others, each by its weight. `chance` is from 0 to below 1. */
export function chooseMirror(
  mirrors: readonly ListedMirror[],
  wanted: Wanted,
  chance: number
): Elsewhere | undefined {
  const possible = mirrors.flatMap(mirror => {
    const uri = isClient(mirror, wanted.client) ? undefined : placeOf(mirror, wanted.path)

    return uri === undefined ? [] : [{ mirror, uri }]
  })
  const current = possible.filter(({ mirror }) => mirror.isCurrent)

  // Who asks for a block wants that one; a mirror that fetches a new version must not be sent to those that have it not, either.
  return drawn(current.length > 0 || wanted.path.startsWith(BLOCKS) ? current : possible, chance)
}

/** Where a mirror has what stands at `path`; blocks stand at the names of the node itself, whatever site they are of. */
export function placeOf(mirror: ListedMirror, path: string): string | undefined {
  if (!path.startsWith(BLOCKS)) return mirroredUri(mirror, path)

  const [base = ''] = mirror.uris

  // Of a part of the site it has some blocks, and nobody knows which.
  return mirror.node === undefined || mirror.prefix !== '/'
    ? undefined
    : URL.parse(path, base)?.href
}

function isClient({ id, uris }: ListedMirror, { address, nodes }: Wanted['client']): boolean {
  return nodes.includes(id) || uris.some(uri => hostOf(uri) === address)
}

function drawn(places: readonly Elsewhere[], chance: number): Elsewhere | undefined {
  const sum = places.reduce((total, place) => total + weightOf(place), 0)
  let left = chance * sum

  for (const place of places) {
    left -= weightOf(place)
    if (left < 0) return place
  }

  return places.at(-1)
}

/** Whom the owner trusts gets more to do; strangers share what is left, so that none of them sees everybody. */
function weightOf({ mirror }: Elsewhere): number {
  return 1 + mirror.trust
}
