import { htmlPage, PAGE_POLICY } from './html-page.ts'
import { jsonPage } from './json-page.ts'
import type { Problem } from './problem.ts'

export interface Page {
  readonly status: number
  /** Names and values in turn; Date is left to the server. */
  readonly fields: string[]
  readonly body: Buffer
}

/**
 * The answer for a problem: HTML for those who name it in Accept, as browsers do, and
 * `application/problem+json` for everybody else, such as curl with its `*`/`*`.
 */
export function pageOf(problem: Problem, accept: string | undefined, server: string): Page {
  const isHtml = wantsHtml(accept)
  const body = Buffer.from(isHtml ? htmlPage(problem) : jsonPage(problem))

  return {
    status: problem.status,
    fields: [
      'Server',
      server,
      'Content-Type',
      isHtml ? 'text/html; charset=utf-8' : 'application/problem+json',
      'Content-Length',
      String(body.length),
      'Cache-Control',
      'no-store',
      'Vary',
      'Accept',
      'X-Content-Type-Options',
      'nosniff',
      ...(isHtml ? ['Content-Security-Policy', PAGE_POLICY, 'Referrer-Policy', 'no-referrer'] : []),
      ...Object.entries(problem.fields ?? {}).flat()
    ],
    body
  }
}

function wantsHtml(accept = ''): boolean {
  return accept
    .split(',')
    .map(range =>
      range
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
    )
    .some(
      ([type, ...parameters]) =>
        (type === 'text/html' || type === 'application/xhtml+xml') &&
        !parameters.some(parameter => /^q=0(?:\.0*)?$/.test(parameter))
    )
}
