import mime from 'mime'
import type { Coding } from './coding.ts'
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
  /** It is sent in content codings to those who accept them. */
  readonly isCompressible: boolean
  /** Its media type. */
  readonly type: string
  /** Header fields of every answer about it, names and values in turn. */
  readonly fields: string[]
}

const TEXT = /^text\/|[/+](?:json|xml|javascript)(?:;|$)/

// What is not text and yet becomes smaller.
const BINARY = new Set(['application/wasm', 'font/ttf', 'font/otf', 'image/bmp', 'image/x-icon'])

// Of every variant, the uncoded one among them (RFC 9110 section 12.5.5).
const VARIES = ['Vary', 'Accept-Encoding']

export function representationOf(name: string, facts: FileFacts, server: string): Representation {
  const modified = Number(facts.mtimeNs / 1_000_000_000n)
  const etag = etagOf(facts)
  const type = mediaType(name)
  const isCompressible = TEXT.test(type) || BINARY.has(type)

  return {
    size: Number(facts.size),
    isCompressible,
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
      'nosniff',
      ...(isCompressible ? VARIES : [])
    ]
  }
}

/** The same document in a content coding, with a strong entity tag of its own. */
export function coded(
  original: Representation,
  coding: Coding,
  { size, etag: base }: Pick<Representation, 'size' | 'etag'>
): Representation {
  const etag = `${base.slice(0, -1)}-${coding}"`

  return {
    ...original,
    size,
    etag,
    fields: [
      ...original.fields.map((value, index) =>
        original.fields[index - 1] === 'ETag' ? etag : value
      ),
      'Content-Encoding',
      coding
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
