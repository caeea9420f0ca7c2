import type { ListedMirror } from './agreement.ts'

/** Where a mirror has what stands at `path` of the site, which begins with a slash and may have a query; undefined where it does not have it. */
export function mirroredUri(
  { uris, prefix }: Pick<ListedMirror, 'uris' | 'prefix'>,
  path: string
): string | undefined {
  const [base] = uris

  return base == null || !path.startsWith(prefix) ? undefined : base + path.slice(prefix.length)
}
