/** Everything that can be reached from `start`, by path; undefined where there is nothing. */
export async function crawl(
  start: string,
  read: (path: string) => Promise<Buffer | undefined>,
  linksIn: (path: string, bytes: Buffer) => readonly string[],
  atOnce: number
): Promise<Map<string, Buffer | undefined>> {
  const found = new Map<string, Buffer | undefined>([[start, undefined]])
  let wave = [start]

  while (wave.length > 0) {
    const next: string[] = []

    await inParallel(wave, atOnce, async path => {
      const bytes = await read(path)

      found.set(path, bytes)

      for (const link of bytes == null ? [] : linksIn(path, bytes)) {
        if (found.has(link)) continue
        found.set(link, undefined)
        next.push(link)
      }
    })
    wave = next
  }

  return found
}

/** Paths on the same site that an HTML page names in `href` and `src`. */
export function linksOf(path: string, bytes: Buffer): string[] {
  if (!path.endsWith('.html')) return []

  const base = new URL(path, 'http://site.invalid/')

  return [...bytes.toString('latin1').matchAll(/<[^>]*?\s(?:href|src)\s*=\s*"([^"]*)"/gi)]
    .map(([, link = '']) => URL.parse(link.replaceAll('&amp;', '&'), base.href))
    .filter(url => url?.origin === base.origin)
    .map(url => url?.pathname ?? '')
}

async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>
): Promise<void> {
  const left = items.values()

  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await act(item)
    })
  )
}
