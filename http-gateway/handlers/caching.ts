type Has = (name: string) => boolean

/**
 * The Cache-Control of an answer that a program made, where it says nothing itself. Without it a cache may keep the answer for as long as it
 * thinks fit and give it to others (RFC 9111 section 4.2.2). With a validator, it may be kept and must be asked for anew; without, keeping it
 * is of no use.
 */
export function cacheControlFor(has: Has): string | undefined {
  if (has('cache-control') || has('expires')) {
    return undefined
  }

  return has('etag') || has('last-modified') ? 'no-cache' : 'no-store'
}
