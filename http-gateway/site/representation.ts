import mime from 'mime'
import type { Validators } from './conditional.ts'

/** What the file system says about a file. */
export interface FileFacts {
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ino: bigint
}

/** A file as it is told in header fields. */
export interface Representation extends Validators {
  readonly size: number
  /** Its media type. */
  readonly type: string
  /** Header fields of every answer about it, names and values in turn. */
  readonly fields: string[]
}

const TEXT = /^text\/|[/+](?:json|xml|javascript)$/

export function representationOf(name: string, facts: FileFacts, server: string): Representation {
  const modified = Number(facts.mtimeNs / 1_000_000_000n)
  const etag = etagOf(facts)
  const type = mediaType(name)

  return {
    size: Number(facts.size),
    type,
    etag,
    modified,
    fields: [
      'Server',
      server,
      'Content-Type',
      type,
      'ETag',
      etag,
      'Last-Modified',
      new Date(modified * 1000).toUTCString(),
      'Accept-Ranges',
      'bytes',
      // A site changes at any time; a reader's browser asks, and gets 304 for what has not.
      'Cache-Control',
      'no-cache',
      'X-Content-Type-Options',
      'nosniff'
    ]
  }
}

/** Strong for all practical purposes: two contents of one file differ in one of the three. */
export function etagOf({ ino, size, mtimeNs }: FileFacts): string {
  return `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`
}

/** The media type for a file name; text is UTF-8. */
export function mediaType(name: string): string {
  const type = mime.getType(name) ?? 'application/octet-stream'

  return TEXT.test(type) ? `${type}; charset=utf-8` : type
}
