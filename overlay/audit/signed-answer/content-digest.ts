import { parseDictionary } from 'structured-headers'

/** Content-Digest of a SHA-256, RFC 9530 section 2. */
export function contentDigest(sha256: Uint8Array): string {
  return `sha-256=:${Buffer.from(sha256).toString('base64')}:`
}

/** The SHA-256 in a Content-Digest, undefined where it has none. */
export function readContentDigest(field: string): Uint8Array | undefined {
  try {
    const value = parseDictionary(field).get('sha-256')?.[0]

    return value instanceof ArrayBuffer && value.byteLength === 32
      ? new Uint8Array(value)
      : undefined
  } catch {
    return undefined
  }
}
