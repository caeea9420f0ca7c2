import type { IncomingHttpHeaders } from 'node:http'

const MEMBER = /^sha-256[ \t]*=[ \t]*(\d{1,2})(?:;.*)?$/

/** Whether a Want-Repr-Digest or Want-Content-Digest field asks for SHA-256 (RFC 9530 section 4). */
export function wantsSha256(field: string | string[] | undefined): boolean {
  return (
    field
      ?.toString()
      .split(',')
      .some(member => Number(MEMBER.exec(member.trim())?.[1] ?? 0) > 0) === true
  )
}

/** Names and values in turn; `digest` in base64, of the whole document. The content of an answer is that only where the answer is not a part. */
export function digestFields(
  headers: IncomingHttpHeaders,
  status: number,
  digest: string
): string[] {
  const value = `sha-256=:${digest}:`

  return [
    ...(wantsSha256(headers['want-repr-digest']) ? ['Repr-Digest', value] : []),
    ...(status === 200 && wantsSha256(headers['want-content-digest'])
      ? ['Content-Digest', value]
      : [])
  ]
}
