import type { CID } from 'multiformats/cid'
import type { FoundFile } from '../../overlay/content/fetch/index.ts'
import { mediaType, type Representation } from '../site/representation.ts'

/** The tree that a file was verified against. */
export interface VerifiedAgainst {
  readonly root: string
  readonly seq: number
}

export interface Naming {
  readonly server: string
  readonly pseudonym: string
}

const RAW = 0x55
const MS_PER_SECOND = 1000

/** A file of a signed tree as it is told in header fields; its tag is its CID. */
export function verifiedRepresentation(
  { path, cid, size }: Pick<FoundFile, 'path' | 'cid' | 'size'>,
  tree: VerifiedAgainst,
  { server, pseudonym }: Naming
): Representation {
  const etag = `"${cid.toString()}"`
  const type = mediaType(path.at(-1) ?? '')

  return {
    size,
    isCompressible: false,
    type,
    etag,
    // A tree has no dates: whatever is compared with it, the comparison does not hold (RFC 9110 sections 13.1.3 and 13.1.4).
    modified: Number.NaN,
    fields: [
      'Server',
      server,
      'Via',
      `1.1 ${pseudonym}`,
      'Content-Type',
      type,
      'ETag',
      etag,
      'Accept-Ranges',
      'bytes',
      // A site changes at any time; a reader's browser asks, and gets 304 for what has not.
      'Cache-Control',
      'no-cache',
      'X-Content-Type-Options',
      'nosniff',
      'Plexnet-Verified',
      verifiedField(tree),
      ...digestOf(cid)
    ]
  }
}

/** A structured field (RFC 9651): true, with the tree that the publisher signed. */
export function verifiedField({ root, seq }: VerifiedAgainst): string {
  return `?1;root="${root}";seq=${seq}`
}

/** For what comes from the origin as it is, on the way of the connection alone. */
export const UNVERIFIED = '?0'

/** Header fields of an answer by a record that the publisher last stood by at `confirmed`; none where that was just now. */
export function stalenessFields(confirmed: number, now: number, freshFor: number): string[] {
  const age = now - confirmed

  if (age < freshFor) {
    return []
  }

  const seconds = String(Math.floor(age / MS_PER_SECOND))

  return ['Age', seconds, 'Plexnet-Stale', `?1;age=${seconds}`]
}

/** A file of one raw block has the hash in its CID (RFC 9530); for others it would have to be read whole. */
function digestOf(cid: CID): string[] {
  return cid.code === RAW
    ? ['Repr-Digest', `sha-256=:${Buffer.from(cid.multihash.digest).toString('base64')}:`]
    : []
}
