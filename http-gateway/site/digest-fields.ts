import type { IncomingHttpHeaders } from 'node:http'

const MEMBER = /^sha-256[ \t]*=[ \t]*(\d{1,2})(?:;.*)?$/

/** The preference for SHA-256 in a Want-Repr-Digest or Want-Content-Digest field (RFC 9530 section 4), of which 0 is a refusal; undefined where it says nothing of it. */
function preferenceFor(field: string | string[] | undefined): number | undefined {
  for (const member of field?.toString().split(',') ?? []) {
    const [, preference] = MEMBER.exec(member.trim()) ?? []

    if (preference !== undefined) {
      return Number(preference)
    }
  }

  return undefined
}

function wantsSha256(field: string | string[] | undefined): boolean {
  return (preferenceFor(field) ?? 0) > 0
}

/** Names and values in turn. */
export interface DigestFields {
  /** Of the document, a part of it among the answers; told unless it is refused. */
  readonly document: readonly string[]
  /** Of the content, where that is the whole document. */
  readonly whole: readonly string[]
}

/** `digest` in base64, of the whole document. */
export function digestFields(headers: IncomingHttpHeaders, digest: string): DigestFields {
  const value = `sha-256=:${digest}:`

  return {
    document: preferenceFor(headers['want-repr-digest']) === 0 ? [] : ['Repr-Digest', value],
    whole: wantsSha256(headers['want-content-digest']) ? ['Content-Digest', value] : []
  }
}

/** Whether either field is wanted. */
export function wantsDigest(headers: IncomingHttpHeaders): boolean {
  return wantsSha256(headers['want-repr-digest']) || wantsSha256(headers['want-content-digest'])
}
