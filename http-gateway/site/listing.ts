import { escapeHtml } from '../pages/html-page.ts'

export interface ListedName {
  readonly name: string
  readonly isFolder: boolean
}

/** A page that links to the names of a folder, folders first; it loads nothing. */
export function listingPage(path: string, names: readonly ListedName[]): string {
  const title = escapeHtml(decodeURIComponent(path))
  const items = names
    .toSorted(
      (one, other) =>
        Number(other.isFolder) - Number(one.isFolder) || (one.name < other.name ? -1 : 1)
    )
    .map(({ name, isFolder }) => {
      const slash = isFolder ? '/' : ''

      return `<li><a href="./${encodeURIComponent(name)}${slash}">${escapeHtml(name)}${slash}</a></li>`
    })

  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<ul>
${path === '/' ? '' : '<li><a href="../">../</a></li>\n'}${items.join('\n')}
</ul>
</html>
`
}
