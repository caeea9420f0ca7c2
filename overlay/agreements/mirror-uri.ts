import { MAX_URI_LENGTH } from './bounds.ts'

/** Whether a text may stand for a place where a site is mirrored: http or https, a folder, and nothing that a server or client could take for more. */
export function isMirrorUri(text: string): boolean {
  const url = text.length > MAX_URI_LENGTH ? null : URL.parse(text)

  return (
    url != null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    url.pathname.endsWith('/') &&
    // As it was written, so that one place has one name and no header field is broken by it.
    url.href === text
  )
}
