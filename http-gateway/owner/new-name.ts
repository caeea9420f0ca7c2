import mime from 'mime'

const MAX_BASE_BYTES = 100
const TRIES = 8
const UNFIT = /[^\p{L}\p{N}._-]+/gu
const OCTETS = 'application/octet-stream'

export interface NewDocument {
  /** What the client would like it to be called (RFC 5023 section 9.7). */
  readonly slug: string | undefined
  readonly type: string | undefined
  /** A name that nothing else has. */
  readonly unique: string
}

/** Names for a new document, the first that is free to be taken; the last always is. */
export function namesFor({ slug, type, unique }: NewDocument): string[] {
  const wanted = slug === undefined ? '' : fitting(decode(slug))
  const extension = extensionFor(wanted, type)
  const base = wanted === '' ? unique : shortened(wanted)

  if (wanted === '') {
    return [`${base}${extension}`]
  }

  const [stem, own] = extension === '' ? split(base) : [base, extension]

  return [
    `${stem}${own}`,
    ...Array.from({ length: TRIES }, (_, index) => `${stem}-${index + 2}${own}`),
    `${stem}-${unique}${own}`
  ]
}

/** What the type asks for, where the name does not say it already. */
function extensionFor(name: string, type: string | undefined): string {
  const media = type?.split(';', 1)[0]?.trim().toLowerCase()
  const known = media === undefined || media === OCTETS ? null : mime.getExtension(media)
  const [, own] = split(name)

  return known === null || (own !== '' && mime.getType(name) === media) ? '' : `.${known}`
}

function split(name: string): [string, string] {
  const dot = name.lastIndexOf('.')

  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

/** RFC 5023 section 9.7.1: percent-encoded UTF-8. */
function decode(slug: string): string {
  try {
    return decodeURIComponent(slug)
  } catch {
    return slug
  }
}

function fitting(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(UNFIT, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
}

/** Cut at a character. */
function shortened(name: string): string {
  const bytes = Buffer.from(name)

  return bytes.length <= MAX_BASE_BYTES
    ? name
    : bytes.toString('utf8', 0, MAX_BASE_BYTES).replace(/\ufffd+$/, '')
}
