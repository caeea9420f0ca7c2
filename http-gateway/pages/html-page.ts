import { createHash } from 'node:crypto'
import type { Step } from '../../discovery/index.ts'
import { titleOf, wholeWay, type Alternative, type Problem } from './problem.ts'

const STYLE = `
:root { color-scheme: light dark; --quiet: #667; --line: #8884; --bad: #c22; --good: #283 }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem }
h1 small { color: var(--quiet); font-weight: normal }
h2 { font-size: 1rem; margin: 2rem 0 .5rem }
p, li { overflow-wrap: anywhere }
ol.way { list-style: none; padding: 0; border-top: 1px solid var(--line) }
ol.way li { display: grid; grid-template-columns: 1.5rem 7rem 1fr; padding: .35rem 0; border-bottom: 1px solid var(--line) }
.failed { color: var(--bad); font-weight: 600 }
.ok b { color: var(--good) }
.skipped { color: var(--quiet) }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .85rem }
`

// Nothing on the page may load or run anything but this style, whatever an address or a path contains.
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const MARKS = { ok: '✓', failed: '✗', skipped: '·' }
const NAMES = {
  seed: 'Seed',
  cache: 'Memory',
  dht: 'Network',
  record: 'Record',
  address: 'Address',
  certificate: 'Certificate',
  answer: 'Answer'
}

/** The problem as a page for people, over 512 bytes long, which loads nothing. */
export function htmlPage(problem: Problem): string {
  const { status, code, detail, advice, steps, alternatives, elsewhere } = problem
  const title = escapeHtml(titleOf(status))

  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${title}</title>
<style>${STYLE}</style>
<h1>${title} <small>${status}</small></h1>
<p>${escapeHtml(detail)}</p>
${alternatives === undefined ? '' : alternativesHtml(alternatives)}${elsewhere === undefined ? '' : elsewhereHtml(elsewhere)}${steps === undefined ? '' : wayHtml(steps)}<h2>What you can do</h2>
<ul>
${advice.map(line => `<li>${escapeHtml(line)}</li>`).join('\n')}
</ul>
<footer>Plexnet · <code>${escapeHtml(code)}</code></footer>
</html>
`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

function wayHtml(steps: readonly Step[]): string {
  return `<h2>What was tried</h2>
<ol class="way">
${wholeWay(steps)
  .map(
    ({ step, outcome, detail }) =>
      `<li class="${outcome}"><b>${MARKS[outcome]}</b> <span>${NAMES[step]}</span> <span>${escapeHtml(detail)}</span></li>`
  )
  .join('\n')}
</ol>
`
}

function elsewhereHtml(places: readonly string[]): string {
  return `<h2>Where it is besides</h2>
<ul>
${places.map(uri => `<li><a href="${escapeHtml(uri)}">${escapeHtml(uri)}</a></li>`).join('\n')}
</ul>
`
}

function alternativesHtml(alternatives: readonly Alternative[]): string {
  return `<h2>Who claims it</h2>
<ul>
${alternatives
  .map(
    ({ href, label, fingerprint }) =>
      `<li><a href="${escapeHtml(href)}">${escapeHtml(label)}</a><br>${escapeHtml(fingerprint)}</li>`
  )
  .join('\n')}
</ul>
`
}
