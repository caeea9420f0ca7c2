import type { IncomingHttpHeaders } from 'node:http'

const MEMBER = /^sha-256[ \t]*=[ \t]*(\d{1,2})(?:;.*)?$/

/** Whether a Want-Repr-Digest or Want-Content-Digest field asks for SHA-256 (RFC 9530 section 4). */
function wantsSha256(field: string | string[] | undefined): boolean {
  return (
    field
      ?.toString()
      .split(',')
      .some(member => Number(MEMBER.exec(member.trim())?.[1] ?? 0) > 0) === true
  )
}

/** Names and values in turn. */
export interface DigestFields {
  /** Of the document, a part of it among the answers. */
  readonly document: readonly string[]
  /** Of the content, where that is the whole document. */
  readonly whole: readonly string[]
}

/** `digest` in base64, of the whole document. */
export function digestFields(headers: IncomingHttpHeaders, digest: string): DigestFields {
  const value = `sha-256=:${digest}:`

  return {
    document: wantsSha256(headers['want-repr-digest']) ? ['Repr-Digest', value] : [],
    whole: wantsSha256(headers['want-content-digest']) ? ['Content-Digest', value] : []
  }
}

/** Whether either field is wanted. */
export function wantsDigest(headers: IncomingHttpHeaders): boolean {
  return wantsSha256(headers['want-repr-digest']) || wantsSha256(headers['want-content-digest'])
}
