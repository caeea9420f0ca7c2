import { escapeHtml } from './escape.ts'
import { STYLE } from './style.ts'

/** A whole page that needs nothing from elsewhere. */
export function page(title: string, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.filter(content => content !== '').join('\n')}
</body>
</html>
`
}

export function section(title: string, content: string): string {
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${content}\n</section>`
}

export interface Column {
  readonly title: string
  readonly isNumber?: boolean
}

/** Cells are HTML already. */
export function htmlTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[]
): string {
  const cell = (tag: string, index: number, content: string): string =>
    `<${tag}${columns[index]?.isNumber === true ? ' class="number"' : ''}>${content}</${tag}>`

  return [
    '<div class="table"><table>',
    `<thead><tr>${columns.map(({ title }, index) => cell('th', index, escapeHtml(title))).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map(
      row => `<tr>${row.map((content, index) => cell('td', index, content)).join('')}</tr>`
    ),
    '</tbody></table></div>'
  ].join('\n')
}
