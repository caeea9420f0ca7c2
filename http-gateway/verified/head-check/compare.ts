import type { CID } from 'multiformats/cid'

/** What a publisher says of a document without sending it; names of fields in lower case. */
export interface HeadAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Where the publisher’s own words and its signed tree part; undefined where they agree, or where it says nothing. */
export type HeadDifference =
  | { readonly what: 'missing'; readonly told: string }
  | { readonly what: 'size' | 'digest'; readonly told: string; readonly signed: string }

const RAW = 0x55

// RFC 9530 section 2: a dictionary of byte sequences.
const SHA256 = /(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]+=*):/

/** Compares the answer to HEAD with what the tree says of the same path (size, and the digest of a file of one block). */
export function compareHead(
  { status, headers }: HeadAnswer,
  { cid, size }: { readonly cid: CID; readonly size: number }
): HeadDifference | undefined {
  if (status === 404 || status === 410) {
    return { what: 'missing', told: `status ${status}` }
  }

  // A redirection, a refusal or an error says nothing about the document.
  if (status !== 200) {
    return undefined
  }

  const length = headers['content-length']?.toString()

  // The length of a coding is not that of the document.
  if (
    length !== undefined &&
    headers['content-encoding'] === undefined &&
    Number(length) !== size
  ) {
    return { what: 'size', told: length, signed: String(size) }
  }

  const [, told] = SHA256.exec(headers['repr-digest']?.toString() ?? '') ?? []
  const signed = Buffer.from(cid.multihash.digest).toString('base64')

  return cid.code === RAW && told !== undefined && told !== signed
    ? { what: 'digest', told, signed }
    : undefined
}
