import type { CID } from 'multiformats/cid'
import type { Representation } from '../site/representation.ts'
import type { CarRequest } from './request.ts'

const SHA2_256 = 0x12

// Content under a CID never changes; a year is the most that caches keep (RFC 9111 section 5.2.2.1 sets no bound).
const FOREVER = 'public, max-age=31536000, immutable'

/** A block as a document, which is what ranges and preconditions are about. */
export function rawRepresentation(cid: CID, size: number, server: string): Representation {
  const etag = `"${cid.toString()}.raw"`
  const type = 'application/vnd.ipld.raw'

  return {
    size,
    isCompressible: false,
    type,
    etag,
    // It has no date: whatever is compared with it, the comparison does not hold (RFC 9110 sections 13.1.3 and 13.1.4).
    modified: Number.NaN,
    fields: [
      ...fieldsOf(cid, `/ipfs/${cid.toString()}`, `${cid.toString()}.bin`, server),
      'Content-Type',
      type,
      'ETag',
      etag,
      'Accept-Ranges',
      'bytes',
      ...digestOf(cid)
    ]
  }
}

/** The header fields of an archive, names and values in turn. */
export function carFields(request: CarRequest, end: CID, server: string): string[] {
  const { cid, names, dups } = request
  const path = ['/ipfs', cid.toString(), ...names.map(encodeURIComponent)].join('/')

  return [
    ...fieldsOf(cid, path, `${end.toString()}.car`, server),
    'Content-Type',
    `application/vnd.ipld.car; version=1; order=dfs; dups=${dups ? 'y' : 'n'}`,
    'ETag',
    carTag(request, end),
    'Accept-Ranges',
    'none'
  ]
}

/** Weak: another gateway sends the same blocks in another archive. */
export function carTag({ scope, bytes, dups, names }: CarRequest, end: CID): string {
  const part =
    bytes === undefined ? scope : `${scope}.${bytes.from}.${bytes.to === undefined ? '' : bytes.to}`

  return `W/"${end.toString()}.car.${names.length}.${part}.${dups ? 'y' : 'n'}"`
}

function fieldsOf(cid: CID, path: string, file: string, server: string): string[] {
  return [
    'Server',
    server,
    'Cache-Control',
    FOREVER,
    'Content-Disposition',
    `attachment; filename="${file}"`,
    'X-Content-Type-Options',
    'nosniff',
    'X-Ipfs-Path',
    path,
    'X-Ipfs-Roots',
    cid.toString(),
    'Vary',
    'Accept'
  ]
}

/** The hash in the CID is that of the content (RFC 9530). */
function digestOf({ multihash }: CID): string[] {
  return multihash.code === SHA2_256
    ? ['Repr-Digest', `sha-256=:${Buffer.from(multihash.digest).toString('base64')}:`]
    : []
}
